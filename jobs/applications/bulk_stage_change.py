"""Moves many applications to a stage at once. `interview.bulk` calls it.

Each application is moved only if it still has the version that the coordinator saw.
"""

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

REASON_LENGTH = 300  # the length of ApplicationEvent.reason


@dataclass(slots=True)
class StageChangeResult:
    """The ids of the applications, by outcome."""

    moved: list[int] = field(default_factory=list)
    changed: list[int] = field(default_factory=list)
    there: list[int] = field(default_factory=list)
    closed: list[int] = field(default_factory=list)
    gone: list[int] = field(default_factory=list)

    @property
    def not_moved(self) -> list[int]:
        """The applications that need attention: changed, closed or gone."""
        return sorted([*self.changed, *self.closed, *self.gone])

    def add(self, other: StageChangeResult) -> None:
        for name in self.__slots__:
            getattr(self, name).extend(getattr(other, name))

    def text(self) -> str:
        """Returns the numbers in one line, such as "3 moved, 1 changed since"."""
        counts = [
            (len(self.moved), ngettext("%d moved", "%d moved", len(self.moved))),
            (
                len(self.there),
                ngettext("%d already there", "%d already there", len(self.there)),
            ),
            (
                len(self.changed),
                ngettext("%d changed since", "%d changed since", len(self.changed)),
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
        parts = [words % number for number, words in counts if number]
        return ", ".join(parts) or _("Nothing to move")


@transaction.atomic
def applications_move(
    *, versions: Mapping[int, int], to: str, by: User | None, reason: str = ""
) -> StageChangeResult:
    """Moves applications, given as id → version, to a stage, in four queries.

    Skips and reports applications that have changed, are gone, are in this stage already, or are
    closed while no reason is given. Raises ValidationError for an unknown stage or a reason longer
    than REASON_LENGTH.
    """
    check_move(to=to, reason=reason)
    locked = Application.objects.select_for_update().filter(pk__in=versions).order_by("pk")
    applications, result = list(locked), StageChangeResult()
    result.gone = sorted(versions.keys() - {one.pk for one in applications})
    events = []
    for one in applications:
        outcome = _outcome(one, versions[one.pk], to=to, reason=reason, result=result)
        outcome.append(one.pk)
        if outcome is result.moved:
            events.append(_move(one, to=to, by=by, reason=reason))
    ApplicationEvent.objects.bulk_create(events)
    changed = [event.application for event in events]
    Application.objects.bulk_update(changed, ["stage", "version", "updated_at"])
    return result


def check_move(*, to: str, reason: str) -> None:
    """Validates the stage and the reason. Raises ValidationError by field."""
    if to not in Application.Stage.values:
        raise ValidationError({"stage": _("This stage does not exist.")})
    if len(reason) > REASON_LENGTH:
        raise ValidationError(
            {"reason": _("Enter at most %(number)d characters.") % {"number": REASON_LENGTH}}
        )


def _outcome(
    application: Application, version: int, *, to: str, reason: str, result: StageChangeResult
) -> list[int]:
    """Returns the list of `result` that the application belongs to."""
    if application.stage == to:
        return result.there
    if application.version != version:
        return result.changed
    if application.stage in CLOSED_STAGES and not reason.strip():
        return result.closed
    return result.moved


def _move(application: Application, *, to: str, by: User | None, reason: str) -> ApplicationEvent:
    before = application.stage
    application.stage = Application.Stage(to)
    application.version += 1
    application.updated_at = timezone.now()
    return ApplicationEvent(
        application=application, by=by, from_stage=before, to_stage=to, reason=reason.strip()
    )
