"""An interview day as the planner sees it: plain values, no rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from interview.models import Interview, InterviewAssignment, Scorecard
from interview.models.states import ACTIVE, NOT_TAKING_PLACE, Status

MOVING = ACTIVE | {Status.FEEDBACK_DUE}
SETTLED_FIELDS = ("id", "version", "status", "room_id", "starts_at", "ends_at")
Response = InterviewAssignment.Response


@dataclass(frozen=True, slots=True)
class Part:
    """An interviewer's part in an interview. owes: his scorecard is not in."""

    person: int
    response: str
    owes: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """An interview as it stands."""

    id: int
    version: int
    status: str
    room: int
    starts_at: datetime
    ends_at: datetime
    arrived_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    parts: tuple[Part, ...] = ()

    @property
    def attending(self) -> list[int]:
        return [part.person for part in self.parts if part.response != Response.DECLINED]

    def overlaps(self, starts_at: datetime, ends_at: datetime) -> bool:
        return self.starts_at < ends_at and starts_at < self.ends_at


@dataclass(frozen=True, slots=True)
class Day:
    """Everything that is planned, the rooms that may be used, and who may interview."""

    cards: list[Card]
    rooms: list[int] = field(default_factory=list)
    interviewers: list[int] = field(default_factory=list)

    def active(self) -> Iterator[Card]:
        return (card for card in self.cards if card.status in ACTIVE)

    def free_people(self, starts_at: datetime, ends_at: datetime) -> list[int]:
        """Who is booked nowhere then, least loaded first."""
        busy, load = set[int](), dict.fromkeys(self.interviewers, 0)
        for card in self.active():
            for person in card.attending:
                load[person] = load.get(person, 0) + 1
                if card.overlaps(starts_at, ends_at):
                    busy.add(person)
        return sorted(set(self.interviewers) - busy, key=lambda person: (load[person], person))

    def free_rooms(self, starts_at: datetime, ends_at: datetime) -> list[int]:
        holding = (c for c in self.cards if c.status not in NOT_TAKING_PLACE)
        taken = {card.room for card in holding if card.overlaps(starts_at, ends_at)}
        return [room for room in self.rooms if room not in taken]

    def in_conversation(self) -> tuple[set[int], set[int]]:
        """The people and the rooms that are in an interview at this moment."""
        running = [card for card in self.cards if card.status == Status.IN_PROGRESS]
        return {p for card in running for p in card.attending}, {card.room for card in running}


def card_of(interview: Interview) -> Card:
    """The card of an interview with its assignments and scorecards prefetched."""
    submitted = {
        c.interviewer_id for c in interview.scorecard_list() if c.state in Scorecard.State.settled()
    }
    parts = [
        Part(a.interviewer_id, a.response, owes=a.interviewer_id not in submitted)
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
        parts=tuple(parts),
    )


def settled_card(values: dict[str, Any]) -> Card:
    """The card of an interview that only keeps its room taken, from SETTLED_FIELDS."""
    return Card(room=values.pop("room_id"), **values)
