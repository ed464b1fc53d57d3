"""What an interview page tells of people and of what has happened."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.utils.functional import Promise

from interview.models import (
    Interview,
    InterviewAssignment,
    InterviewEvent,
    Scorecard,
    ScorecardAmendment,
)
from interview.models.labels import EVENTS, actor_label, localized_name
from interview.models.states import Status
from interview.rules.permissions import assignment_of, may_read_scorecard_content
from realtime.display_names import display_name

SUBMITTED = Scorecard.State.SUBMITTED
MOVES = frozenset({"reschedule", "shift"})


@dataclass(frozen=True, slots=True)
class Step:
    """One event of the timeline in words."""

    event: InterviewEvent
    what: str | Promise
    who: str

    @property
    def was_at(self) -> Any:
        """Where a moved interview came from: an ISO moment, or nothing."""
        return self.event.before.get("starts_at") if self.event.action in MOVES else None

    @property
    def led_to(self) -> str:
        """The new status in words, when the event changed it."""
        event = self.event
        return "" if event.from_status == event.to_status else str(Status(event.to_status).label)


def steps_of(interview: Interview) -> list[Step]:
    """Everything that happened, oldest first."""
    return [
        Step(
            event=event,
            what=EVENTS.get(event.action, event.action),
            who=display_name(event.by) if event.by else actor_label(event.source),
        )
        for event in interview.events.select_related("by")
    ]


@dataclass(frozen=True, slots=True)
class Part:
    """One interviewer's part; `card` only for those who may read what it says."""

    assignment: InterviewAssignment
    name: str
    is_own: bool
    state: str
    card: Scorecard | None
    trail: list[Amended]


@dataclass(frozen=True, slots=True)
class Amended:
    """What a scorecard said before somebody changed it."""

    amendment: ScorecardAmendment
    who: str
    scores: list[tuple[str, int]]


def trail_of(cards: Iterable[Scorecard], interview: Interview) -> dict[int, list[Amended]]:
    """How these scorecards of an interview were changed, the latest first, by their ids."""
    names = {
        criterion.key: localized_name(criterion) for criterion in interview.round.criteria.all()
    }
    found: dict[int, list[Amended]] = {card.pk: [] for card in cards}
    for one in ScorecardAmendment.objects.filter(scorecard__in=found).select_related("by"):
        scores = [(names.get(key, key), score) for key, score in one.scores.items()]
        amended = Amended(amendment=one, who=display_name(one.by), scores=scores)
        found[one.scorecard_id].append(amended)
    return found


def people_of(interview: Interview, reader: User) -> list[Part]:
    """The interviewers, and of their scorecards what this reader may know."""
    own = assignment_of(reader, interview)
    may_read = may_read_scorecard_content(reader, interview)
    cards = {card.interviewer_id: card for card in interview.scorecard_list()}
    shown = [card for card in cards.values() if may_read and card.state == SUBMITTED]
    trails = trail_of(shown, interview)
    parts = []
    for assignment in interview.assignment_list():
        card = cards.get(assignment.interviewer_id)
        parts.append(
            Part(
                assignment=assignment,
                name=display_name(assignment.interviewer),
                is_own=assignment == own,
                state=card.state if card else "none",
                card=card if card in shown else None,
                trail=trails.get(card.pk, []) if card else [],
            )
        )
    return parts
