"""What an interview page tells of people and of what has happened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.utils.functional import Promise

from interview.access import assignment_of, may_read_scorecard_content
from interview.models import Interview, InterviewAssignment, InterviewEvent, Scorecard
from interview.state_machine import Status
from interview.wording import EVENTS, said_by
from realtime.names import display_name

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
            who=display_name(event.by) if event.by else said_by(event.source),
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


def people_of(interview: Interview, reader: User) -> list[Part]:
    """The interviewers, and of their scorecards what this reader may know."""
    own = assignment_of(reader, interview)
    may_read = may_read_scorecard_content(reader, interview)
    cards = {card.interviewer_id: card for card in interview.cards()}
    parts = []
    for assignment in interview.parts():
        card = cards.get(assignment.interviewer_id)
        is_in = card is not None and card.state == Scorecard.State.SUBMITTED
        parts.append(
            Part(
                assignment=assignment,
                name=display_name(assignment.interviewer),
                is_own=assignment == own,
                state=card.state if card else "none",
                card=card if is_in and may_read else None,
            )
        )
    return parts
