"""Many applications brought to another stage at once, each in the version somebody saw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from jobs.applications.services import CLOSED_STAGES
from jobs.models import Application, ApplicationEvent

REASON_LENGTH = 300  # as long as an event can keep


@dataclass(slots=True)
class StageChangeResult:
    """What became of each application, by id."""

    moved: list[int] = field(default_factory=list)
    changed: list[int] = field(default_factory=list)
    there: list[int] = field(default_factory=list)
    closed: list[int] = field(default_factory=list)
    gone: list[int] = field(default_factory=list)

    @property
    def not_moved(self) -> list[int]:
        """Those somebody should look at: neither moved nor there already."""
        return sorted([*self.changed, *self.closed, *self.gone])

    def add(self, other: StageChangeResult) -> None:
        for name in self.__slots__:
            getattr(self, name).extend(getattr(other, name))

    def text(self) -> str:
        """The numbers in one line."""
        found = [
            (len(self.moved), ngettext("%d moved", "%d moved", len(self.moved))),
            (
                len(self.there),
                ngettext("%d is there already", "%d are there already", len(self.there)),
            ),
            (
                len(self.changed),
                ngettext("%d changed meanwhile", "%d changed meanwhile", len(self.changed)),
            ),
            (
                len(self.closed),
                ngettext(
                    "%d is closed and needs a reason",
                    "%d are closed and need a reason",
                    len(self.closed),
                ),
            ),
            (
                len(self.gone),
                ngettext("%d no longer exists", "%d no longer exist", len(self.gone)),
            ),
        ]
        told = [words % number for number, words in found if number]
        return ", ".join(told) or _("Nothing to move")


@transaction.atomic
def applications_move(
    *, versions: Mapping[int, int], to: str, by: User | None, reason: str = ""
) -> StageChangeResult:
    """Bring applications, by id and version, to a stage. Four queries, however many.

    What has changed since, is closed (without a reason), is there already or is gone stays as it
    is, and is told. Raises ValidationError for a stage that does not exist or too long a reason.
    """
    check_move(to=to, reason=reason)
    held = Application.objects.select_for_update().filter(pk__in=versions).order_by("pk")
    applications, moves = list(held), StageChangeResult()
    moves.gone = sorted(versions.keys() - {one.pk for one in applications})
    events = []
    for one in applications:
        where = _where(one, versions[one.pk], to=to, reason=reason, moves=moves)
        where.append(one.pk)
        if where is moves.moved:
            events.append(_move(one, to=to, by=by, reason=reason))
    ApplicationEvent.objects.bulk_create(events)
    changed = [event.application for event in events]
    Application.objects.bulk_update(changed, ["stage", "version", "updated_at"])
    return moves


def check_move(*, to: str, reason: str) -> None:
    """Raises ValidationError by field."""
    if to not in Application.Stage.values:
        raise ValidationError({"stage": _("This stage does not exist.")})
    if len(reason) > REASON_LENGTH:
        raise ValidationError(
            {"reason": _("At most %(number)d letters.") % {"number": REASON_LENGTH}}
        )


def _where(
    application: Application, version: int, *, to: str, reason: str, moves: StageChangeResult
) -> list[int]:
    """The list this application belongs to."""
    if application.stage == to:
        return moves.there
    if application.version != version:
        return moves.changed
    if application.stage in CLOSED_STAGES and not reason.strip():
        return moves.closed
    return moves.moved


def _move(application: Application, *, to: str, by: User | None, reason: str) -> ApplicationEvent:
    before = application.stage
    application.stage = Application.Stage(to)
    application.version += 1
    application.updated_at = timezone.now()
    return ApplicationEvent(
        application=application, by=by, from_stage=before, to_stage=to, reason=reason.strip()
    )
