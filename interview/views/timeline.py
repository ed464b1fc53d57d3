"""Data for the interview page: the timeline of events, and the interviewers with their scorecards.

Applies the rule that scorecards stay hidden until the reader has submitted their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from interview.models import (
    Interview,
    InterviewAssignment,
    InterviewEvent,
    Scorecard,
    ScorecardAmendment,
)
from interview.models.labels import EVENTS, actor_label, localized_name, short_date_time
from interview.models.scorecards import scorecards_of
from interview.models.states import Status
from interview.rules.permissions import assignment_of, may_read_scorecard_content
from interview.services.event_changes import Change, changes_of
from realtime.display_names import display_name

SUBMITTED = Scorecard.State.SUBMITTED
FIELDS = {
    "starts_at": _("Start"),
    "ends_at": _("End"),
    "room": _("Room"),
    "interviewers": _("Interviewers"),
    "late_minutes": _("Delay"),
    "status": _("Status"),
}


@dataclass(frozen=True, slots=True)
class ChangeText:
    """A changed value with its label, and its texts before and after; "" if there was none."""

    label: str | Promise
    before: str
    after: str


def _text(field: str, values: Iterable[str]) -> str:
    return gettext(", ").join(FORMATS.get(field, str)(value) for value in values)


def _time_text(value: str) -> str:
    return short_date_time(timezone.localtime(datetime.fromisoformat(value)))


def _status_text(value: str) -> str:
    return str(Status(value).label)


FORMATS: dict[str, Callable[[str], str]] = {
    "starts_at": _time_text,
    "ends_at": _time_text,
    "status": _status_text,
    "late_minutes": lambda value: gettext("%(minutes)s min") % {"minutes": value},
}


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One event of the timeline with its texts."""

    event: InterviewEvent
    what: str | Promise
    who: str
    changes: list[Change]

    @property
    def details(self) -> list[ChangeText]:
        """The changed values as texts, times in the current time zone."""
        return [
            ChangeText(FIELDS[one.field], _text(one.field, one.before), _text(one.field, one.after))
            for one in self.changes
        ]

    @property
    def led_to(self) -> str:
        """The label of the new status, or "" if the event did not change the status."""
        event = self.event
        return "" if event.from_status == event.to_status else str(Status(event.to_status).label)


def timeline_of(interview: Interview) -> list[TimelineEntry]:
    """Returns all events of the interview, oldest first."""
    events = list(interview.events.select_related("by"))
    changes = changes_of(interview, events)
    return [
        TimelineEntry(
            event=event,
            what=EVENTS.get(event.action, event.action),
            who=display_name(event.by) if event.by else actor_label(event.source),
            changes=changes[event.pk],
        )
        for event in events
    ]


@dataclass(frozen=True, slots=True)
class InterviewerPart:
    """One interviewer of an interview, as a particular reader sees them.

    state       state of the scorecard, "none" if there is none
    card        the scorecard, only if the reader may read its content
    amendments  earlier versions of the scorecard, under the same rule
    """

    assignment: InterviewAssignment
    name: str
    is_own: bool
    state: str
    card: Scorecard | None
    amendments: list[Amendment]


@dataclass(frozen=True, slots=True)
class Amendment:
    """A previous version of a scorecard."""

    amendment: ScorecardAmendment
    who: str
    scores: list[tuple[str, int]]


def amendments_of(cards: Iterable[Scorecard], interview: Interview) -> dict[int, list[Amendment]]:
    """Returns the amendments of these scorecards by scorecard id, latest first."""
    names = {
        criterion.key: localized_name(criterion) for criterion in interview.round.criteria.all()
    }
    found: dict[int, list[Amendment]] = {card.pk: [] for card in cards}
    for one in ScorecardAmendment.objects.filter(scorecard__in=found).select_related("by"):
        scores = [(names.get(key, key), score) for key, score in one.scores.items()]
        amended = Amendment(amendment=one, who=display_name(one.by), scores=scores)
        found[one.scorecard_id].append(amended)
    return found


def interviewers_of(interview: Interview, reader: User) -> list[InterviewerPart]:
    """Returns the interviewers with as much of their scorecards as the reader may see."""
    own = assignment_of(reader, interview)
    may_read = may_read_scorecard_content(reader, interview)
    cards = {card.interviewer_id: card for card in scorecards_of(interview)}
    shown = [card for card in cards.values() if may_read and card.state == SUBMITTED]
    amendments = amendments_of(shown, interview)
    parts = []
    for assignment in interview.assignment_list():
        card = cards.get(assignment.interviewer_id)
        parts.append(
            InterviewerPart(
                assignment=assignment,
                name=display_name(assignment.interviewer),
                is_own=assignment == own,
                state=card.state if card else "none",
                card=card if card in shown else None,
                amendments=amendments.get(card.pk, []) if card else [],
            )
        )
    return parts
