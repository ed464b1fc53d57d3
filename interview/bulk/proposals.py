"""Computes a proposal: a time slot, a room and interviewers for each application.

Pure functions over plain values, without database or clock: the same input gives the same result.
A greedy algorithm walks through the slots and fills the free rooms in the order of the
applications, with the interviewers who have the fewest interviews that day. Why greedy is enough:
deploy/decisions/0009-greedy-proposals.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from interview.models.time_spans import Bookings, TimeSpan


@dataclass(frozen=True, slots=True)
class InterviewRequest:
    """An application that needs an interview: application id and candidate id."""

    application: int
    candidate: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Constraints:
    """The constraints every placement satisfies.

    people      interviewers per interview
    buffer      minimum gap between two interviews of one person, or in one room
    load_limit  maximum interviews per interviewer and day
    """

    people: int = 1
    buffer: timedelta
    load_limit: int


@dataclass(frozen=True, slots=True)
class Resources:
    """The ids of the rooms and interviewers to choose from, and all existing bookings."""

    rooms: Sequence[int]
    interviewers: Sequence[int]
    room_bookings: Bookings
    interviewer_bookings: Bookings
    candidate_bookings: Bookings


@dataclass(frozen=True, slots=True)
class Placement:
    """The slot, room and interviewers proposed for one request."""

    request: InterviewRequest
    span: TimeSpan
    room: int
    interviewers: tuple[int, ...]


class UnplacedReason(StrEnum):
    """Why no slot was found. The values are those of `BulkLine.Problem`."""

    NO_TIMES = "no_times"
    ROOMS_TAKEN = "rooms_taken"
    PEOPLE_TAKEN = "people_taken"
    CANDIDATE_BUSY = "candidate_busy"


@dataclass(frozen=True, slots=True)
class Unplaced:
    """A request without a slot, the reason, and the number of slots the reason applied to."""

    request: InterviewRequest
    reason: UnplacedReason
    slots: int


@dataclass(slots=True)
class Proposal:
    placements: list[Placement] = field(default_factory=list)
    unplaced: list[Unplaced] = field(default_factory=list)


def propose(
    requests: Sequence[InterviewRequest],
    slots: Sequence[TimeSpan],
    resources: Resources,
    constraints: Constraints,
) -> Proposal:
    """Places as many requests as the slots, rooms and interviewers allow.

    Fills the slots in the given order. Adds every placement to the bookings in `resources`.
    """
    proposal, waiting = Proposal(), list(requests)
    shortages = dict.fromkeys(UnplacedReason, 0)
    for span in slots:
        shortage = _fill(span, waiting, proposal.placements, resources, constraints)
        shortages[shortage] += 1
    for request in waiting:
        proposal.unplaced.append(_explain(request, slots, shortages, resources, constraints))
    return proposal


def _fill(
    span: TimeSpan,
    waiting: list[InterviewRequest],
    placements: list[Placement],
    resources: Resources,
    constraints: Constraints,
) -> UnplacedReason:
    """Fills the free rooms of one slot. Returns which resource ran out."""
    free = [one for one in resources.interviewers if _can_take(one, span, resources, constraints)]
    day = resources.interviewer_bookings.day_of(span)
    free.sort(key=lambda one: _workload(one, day, resources))
    for room in resources.rooms:
        if not resources.room_bookings.is_free(room, span, buffer=constraints.buffer):
            continue
        if len(free) < constraints.people:
            return UnplacedReason.PEOPLE_TAKEN
        request = _first_available(span, waiting, resources, constraints)
        if request is None:
            return UnplacedReason.CANDIDATE_BUSY
        chosen, free = tuple(free[: constraints.people]), free[constraints.people :]
        waiting.remove(request)
        placements.append(_book(Placement(request, span, room, chosen), resources))
    return UnplacedReason.ROOMS_TAKEN


def _can_take(person: int, span: TimeSpan, resources: Resources, constraints: Constraints) -> bool:
    bookings = resources.interviewer_bookings
    is_below_limit = bookings.load(person, bookings.day_of(span)) < constraints.load_limit
    return is_below_limit and bookings.is_free(person, span, buffer=constraints.buffer)


def _workload(person: int, day: date, resources: Resources) -> tuple[int, int]:
    bookings = resources.interviewer_bookings
    return bookings.load(person, day), bookings.total(person)


def _first_available(
    span: TimeSpan,
    waiting: Sequence[InterviewRequest],
    resources: Resources,
    constraints: Constraints,
) -> InterviewRequest | None:
    return next((one for one in waiting if _can_come(one, span, resources, constraints)), None)


def _can_come(
    request: InterviewRequest, span: TimeSpan, resources: Resources, constraints: Constraints
) -> bool:
    """True if the candidate is free. The buffer lets them walk from one room to another."""
    bookings = resources.candidate_bookings
    return bookings.is_free(request.candidate, span, buffer=constraints.buffer)


def _book(placement: Placement, resources: Resources) -> Placement:
    resources.room_bookings.book(placement.room, placement.span)
    resources.candidate_bookings.book(placement.request.candidate, placement.span)
    for person in placement.interviewers:
        resources.interviewer_bookings.book(person, placement.span)
    return placement


def _explain(
    request: InterviewRequest,
    slots: Sequence[TimeSpan],
    shortages: dict[UnplacedReason, int],
    resources: Resources,
    constraints: Constraints,
) -> Unplaced:
    """Blames the candidate's own bookings if they block every slot, else the scarcest resource."""
    if not slots:
        return Unplaced(request, UnplacedReason.NO_TIMES, 0)
    if not any(_can_come(request, span, resources, constraints) for span in slots):
        return Unplaced(request, UnplacedReason.CANDIDATE_BUSY, len(slots))
    resource_reasons = (UnplacedReason.PEOPLE_TAKEN, UnplacedReason.ROOMS_TAKEN)
    scarcest = max(resource_reasons, key=lambda one: shortages[one])
    return Unplaced(request, scarcest, shortages[scarcest])
