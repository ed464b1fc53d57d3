"""The proposal: which application is interviewed when, in which room, by whom. Pure values: no
database, no clock, the same answer to the same question.

Time after time the free rooms are filled in the order of the applications, with those interviewers
who have least to do that day. Why this suffices: deploy/decisions/0009-greedy-proposals.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from interview.models.time_spans import Diary, Span


@dataclass(frozen=True, slots=True)
class Ask:
    """An application that wants an interview; ids of both."""

    application: int
    candidate: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What a proposal keeps.

    people      interviewers of each interview
    buffer      at least so long between two interviews of one person, or in one room
    load_limit  interviews of one person on one day, at most
    """

    people: int = 1
    buffer: timedelta
    load_limit: int


@dataclass(frozen=True, slots=True)
class World:
    """The rooms and interviewers to choose from, by id, and what all of them are booked for."""

    rooms: Sequence[int]
    interviewers: Sequence[int]
    room_diary: Diary
    interviewer_diary: Diary
    candidate_diary: Diary


@dataclass(frozen=True, slots=True)
class Place:
    """Where and when an application is interviewed, and by whom."""

    ask: Ask
    span: Span
    room: int
    interviewers: tuple[int, ...]


class Why(StrEnum):
    """Why an application was left over."""

    NO_TIMES = "no_times"
    ROOMS_TAKEN = "rooms_taken"
    PEOPLE_TAKEN = "people_taken"
    CANDIDATE_BUSY = "candidate_busy"


@dataclass(frozen=True, slots=True)
class Left:
    """An application that found no place, and at how many of the times for which reason."""

    ask: Ask
    why: Why
    times: int


@dataclass(slots=True)
class Proposal:
    places: list[Place] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)


def propose(asks: Sequence[Ask], times: Sequence[Span], world: World, rules: Rules) -> Proposal:
    """Place as many of the applications as find a time, a room and enough interviewers.

    times: in the order in which they are to be filled. What is placed is booked in the diaries.
    """
    proposal, waiting, why = Proposal(), list(asks), dict.fromkeys(Why, 0)
    for span in times:
        reason = _fill(span, waiting, proposal.places, world, rules)
        why[reason] += 1
    for ask in waiting:
        proposal.left.append(_explain(ask, times, why, world))
    return proposal


def _fill(span: Span, waiting: list[Ask], places: list[Place], world: World, rules: Rules) -> Why:
    """Fill the rooms that are free at one time; answers what there was too little of."""
    free = [one for one in world.interviewers if _can_take(one, span, world, rules)]
    free.sort(key=lambda one: _burden(one, world.interviewer_diary.day_of(span), world))
    for room in world.rooms:
        if not world.room_diary.is_free(room, span, buffer=rules.buffer):
            continue
        if len(free) < rules.people:
            return Why.PEOPLE_TAKEN
        ask = _first_who_can(span, waiting, world)
        if ask is None:
            return Why.CANDIDATE_BUSY
        chosen, free = tuple(free[: rules.people]), free[rules.people :]
        waiting.remove(ask)
        places.append(_book(Place(ask, span, room, chosen), world))
    return Why.ROOMS_TAKEN


def _can_take(person: int, span: Span, world: World, rules: Rules) -> bool:
    diary = world.interviewer_diary
    has_room = diary.load(person, diary.day_of(span)) < rules.load_limit
    return has_room and diary.is_free(person, span, buffer=rules.buffer)


def _burden(person: int, day: date, world: World) -> tuple[int, int]:
    diary = world.interviewer_diary
    return diary.load(person, day), diary.total(person)


def _first_who_can(span: Span, waiting: Sequence[Ask], world: World) -> Ask | None:
    free = (ask for ask in waiting if world.candidate_diary.is_free(ask.candidate, span))
    return next(free, None)


def _book(place: Place, world: World) -> Place:
    world.room_diary.book(place.room, place.span)
    world.candidate_diary.book(place.ask.candidate, place.span)
    for person in place.interviewers:
        world.interviewer_diary.book(person, place.span)
    return place


def _explain(ask: Ask, times: Sequence[Span], why: dict[Why, int], world: World) -> Left:
    """The candidate's own bookings where they are the reason, else what ran out most often."""
    if not times:
        return Left(ask, Why.NO_TIMES, 0)
    can = [span for span in times if world.candidate_diary.is_free(ask.candidate, span)]
    if not can:
        return Left(ask, Why.CANDIDATE_BUSY, len(times))
    scarce = max((Why.PEOPLE_TAKEN, Why.ROOMS_TAKEN), key=lambda one: why[one])
    return Left(ask, scarce, why[scarce])
