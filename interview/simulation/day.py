"""The state of an interview day as plain values, so that the planner needs no database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from interview.models import Interview, InterviewAssignment, Scorecard
from interview.models.scorecards import scorecards_of
from interview.models.states import ACTIVE, NOT_TAKING_PLACE, Status

UNFINISHED = ACTIVE | {Status.FEEDBACK_DUE}
SETTLED_FIELDS = ("id", "version", "status", "room_id", "starts_at", "ends_at")
Response = InterviewAssignment.Response


@dataclass(frozen=True, slots=True)
class Assignment:
    """An interviewer of an interview. person: user id."""

    person: int
    response: str
    is_scorecard_missing: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """The current state of an interview. room: its id."""

    id: int
    version: int
    status: str
    room: int
    starts_at: datetime
    ends_at: datetime
    arrived_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    assignments: tuple[Assignment, ...] = ()

    @property
    def attending(self) -> list[int]:
        return [
            assignment.person
            for assignment in self.assignments
            if assignment.response != Response.DECLINED
        ]

    def overlaps(self, starts_at: datetime, ends_at: datetime) -> bool:
        return self.starts_at < ends_at and starts_at < self.ends_at


@dataclass(frozen=True, slots=True)
class Day:
    """Today's interviews, and the ids of the campaign's active rooms and its interviewers."""

    cards: list[Card]
    rooms: list[int] = field(default_factory=list)
    interviewers: list[int] = field(default_factory=list)

    def active(self) -> Iterator[Card]:
        return (card for card in self.cards if card.status in ACTIVE)

    def free_people(self, starts_at: datetime, ends_at: datetime) -> list[int]:
        """Return the ids of interviewers without an overlapping interview, least busy first."""
        busy, load = set[int](), dict.fromkeys(self.interviewers, 0)
        for card in self.active():
            for person in card.attending:
                load[person] = load.get(person, 0) + 1
                if card.overlaps(starts_at, ends_at):
                    busy.add(person)
        return sorted(set(self.interviewers) - busy, key=lambda person: (load[person], person))

    def free_rooms(self, starts_at: datetime, ends_at: datetime) -> list[int]:
        booked = (c for c in self.cards if c.status not in NOT_TAKING_PLACE)
        taken = {card.room for card in booked if card.overlaps(starts_at, ends_at)}
        return [room for room in self.rooms if room not in taken]

    def in_conversation(self) -> tuple[set[int], set[int]]:
        """Return the ids of the people and of the rooms whose interview is in progress."""
        running = [card for card in self.cards if card.status == Status.IN_PROGRESS]
        return {p for card in running for p in card.attending}, {card.room for card in running}


def card_of(interview: Interview) -> Card:
    """Return the card of an interview. Prefetch its assignments and scorecards."""
    submitted = {
        c.interviewer_id for c in scorecards_of(interview) if c.state in Scorecard.State.settled()
    }
    assignments = [
        Assignment(
            a.interviewer_id, a.response, is_scorecard_missing=a.interviewer_id not in submitted
        )
        for a in interview.assignment_list()
    ]
    return Card(
        id=interview.pk,
        version=interview.version,
        status=interview.status,
        room=interview.room_id,
        starts_at=interview.starts_at,
        ends_at=interview.ends_at,
        arrived_at=interview.arrived_at,
        started_at=interview.started_at,
        finished_at=interview.finished_at,
        assignments=tuple(assignments),
    )


def settled_card(values: dict[str, Any]) -> Card:
    """Return the card of a finished interview, which only occupies its room."""
    return Card(room=values.pop("room_id"), **values)
