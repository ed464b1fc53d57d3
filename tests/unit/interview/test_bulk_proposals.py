"""Properties of every proposal, checked with random plans, and a few examples."""

from __future__ import annotations

import itertools
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from interview.bulk.proposals import (
    Constraints,
    InterviewRequest,
    Placement,
    Proposal,
    Resources,
    UnplacedReason,
    propose,
)
from interview.bulk.time_slots import time_slots
from interview.models.time_spans import Bookings, TimeSpan

BEIJING = ZoneInfo("Asia/Shanghai")
DAYS = [date(2030, 3, 4), date(2030, 3, 5)]


def make_span(day: int, hour: int, minute: int, minutes: int) -> TimeSpan:
    begin = datetime(2030, 3, 4 + day, hour, minute, tzinfo=BEIJING).astimezone(UTC)
    return TimeSpan(begin, begin + timedelta(minutes=minutes))


SPANS = st.builds(
    make_span,
    st.integers(0, 1),
    st.integers(8, 17),
    st.sampled_from([0, 10, 25, 45]),
    st.sampled_from([20, 45, 120, 300]),
)


def bookings(ids: int) -> st.SearchStrategy[list[tuple[int, TimeSpan]]]:
    return st.lists(st.tuples(st.integers(0, ids - 1), SPANS), max_size=12)


@st.composite
def planning_problems(draw) -> tuple:
    """Requests, time slots, existing bookings and constraints."""
    number = draw(st.integers(0, 30))
    requests = [InterviewRequest(pk, draw(st.integers(0, 15))) for pk in range(number)]
    constraints = Constraints(
        people=draw(st.integers(1, 3)),
        buffer=timedelta(minutes=draw(st.sampled_from([5, 10, 20]))),
        load_limit=draw(st.integers(1, 8)),
    )
    slots = time_slots(
        DAYS,
        opens_at=time(9),
        closes_at=time(draw(st.integers(10, 18))),
        length=timedelta(minutes=draw(st.sampled_from([20, 45, 60]))),
        pause=constraints.buffer,
        zone=BEIJING,
    )
    existing = draw(st.tuples(bookings(4), bookings(6), bookings(16)))
    return requests, slots, existing, constraints


def resources_with(existing) -> Resources:
    """Four rooms and six interviewers with these bookings."""
    rooms, people, candidates = (Bookings(BEIJING, one) for one in existing)
    return Resources(range(4), range(6), rooms, people, candidates)


def has_overlap(spans: list[TimeSpan], buffer: timedelta) -> bool:
    ordered = sorted(spans)
    return any(
        first.ends_at + buffer > second.starts_at for first, second in itertools.pairwise(ordered)
    )


@given(planning_problems())
@settings(max_examples=150)
def test_every_proposal_satisfies_the_constraints(problem):
    requests, slots, existing, constraints = problem
    found = propose(requests, slots, resources_with(existing), constraints)
    placed = [placement.request for placement in found.placements]
    unplaced = [one.request for one in found.unplaced]
    assert Counter([*placed, *unplaced]) == Counter(requests), "each request once"
    for placement in found.placements:
        assert placement.span in slots
        assert len(set(placement.interviewers)) == constraints.people
        for one, booked, buffer in (
            (placement.room, existing[0], constraints.buffer),
            *((person, existing[1], constraints.buffer) for person in placement.interviewers),
            (placement.request.candidate, existing[2], timedelta()),
        ):
            taken = [span for who, span in booked if who == one]
            assert not any(placement.span.overlaps(span, buffer=buffer) for span in taken)
    for used, buffer in (
        (spans_by(found.placements, lambda one: [one.room]), constraints.buffer),
        (spans_by(found.placements, lambda one: one.interviewers), constraints.buffer),
        (spans_by(found.placements, lambda one: [one.request.candidate]), timedelta()),
    ):
        assert not any(has_overlap(spans, buffer) for spans in used.values())
    for person in range(6):
        for day in DAYS:
            own = [one for one in found.placements if person in one.interviewers]
            new = sum(day_of(one.span) == day for one in own)
            old = sum(who == person and day_of(span) == day for who, span in existing[1])
            assert new == 0 or new + old <= constraints.load_limit


@given(planning_problems())
@settings(max_examples=40)
def test_the_same_input_gives_the_same_proposal(problem):
    requests, slots, existing, constraints = problem
    first = propose(requests, slots, resources_with(existing), constraints)
    assert propose(requests, slots, resources_with(existing), constraints) == first


@given(planning_problems())
@settings(max_examples=60)
def test_no_request_stays_unplaced_while_a_suitable_slot_is_free(problem):
    """With one interviewer each: no slot is left with a free room, interviewer and candidate."""
    requests, slots, existing, drawn = problem
    constraints = Constraints(people=1, buffer=drawn.buffer, load_limit=drawn.load_limit)
    after = resources_with(existing)
    found = propose(requests, slots, after, constraints)
    people, buffer = after.interviewer_bookings, constraints.buffer
    for unplaced in found.unplaced:
        for slot in slots:
            day = people.day_of(slot)
            has_room = any(after.room_bookings.is_free(r, slot, buffer=buffer) for r in range(4))
            has_interviewer = any(
                people.is_free(person, slot, buffer=buffer)
                and people.load(person, day) < constraints.load_limit
                for person in range(6)
            )
            is_available = after.candidate_bookings.is_free(
                unplaced.request.candidate, slot, buffer=buffer
            )
            assert not (has_room and has_interviewer and is_available)


def spans_by(placements: list[Placement], keys) -> dict[int, list[TimeSpan]]:
    used: dict[int, list[TimeSpan]] = {}
    for placement in placements:
        for key in keys(placement):
            used.setdefault(key, []).append(placement.span)
    return used


def day_of(span: TimeSpan) -> date:
    return span.starts_at.astimezone(BEIJING).date()


CONSTRAINTS = Constraints(buffer=timedelta(minutes=5), load_limit=8)


def propose_for(number: int, *, slots: list[TimeSpan], people: int = 4, rooms: int = 4) -> Proposal:
    """The proposal for this many applications, without existing bookings."""
    empty = Resources(
        range(rooms), range(people), Bookings(BEIJING), Bookings(BEIJING), Bookings(BEIJING)
    )
    return propose([InterviewRequest(n, n) for n in range(number)], slots, empty, CONSTRAINTS)


def slots_of_a_day(minutes: int = 45) -> list[TimeSpan]:
    return time_slots(
        DAYS[:1],
        opens_at=time(9),
        closes_at=time(18),
        length=timedelta(minutes=minutes),
        pause=timedelta(minutes=5),
        zone=BEIJING,
    )


def test_interviews_are_spread_evenly_over_interviewers():
    found = propose_for(18, slots=slots_of_a_day())
    loads = Counter(person for one in found.placements for person in one.interviewers)
    assert sorted(loads.values()) == [4, 4, 5, 5]


def test_an_unplaced_request_has_the_reason():
    no_times = propose_for(9, slots=[])
    assert {one.reason for one in no_times.unplaced} == {UnplacedReason.NO_TIMES}
    few_rooms = propose_for(30, slots=slots_of_a_day(), rooms=1)
    assert {one.reason for one in few_rooms.unplaced} == {UnplacedReason.ROOMS_TAKEN}
    few_people = propose_for(30, slots=slots_of_a_day(), people=1)
    assert {one.reason for one in few_people.unplaced} == {UnplacedReason.PEOPLE_TAKEN}


def test_applications_are_placed_in_their_order():
    found = propose_for(8, slots=slots_of_a_day())
    assert [one.request.application for one in found.placements] == list(range(8))


def test_slots_of_a_day_with_a_clock_change_have_their_real_length():
    """In Berlin the clocks skip an hour at two o'clock, so 01:00 to 05:00 has three hours."""
    found = time_slots(
        [date(2030, 3, 31)],
        opens_at=time(1),
        closes_at=time(5),
        length=timedelta(minutes=60),
        pause=timedelta(),
        zone=ZoneInfo("Europe/Berlin"),
    )
    assert len(found) == 3
    assert found[-1].ends_at.astimezone(ZoneInfo("Europe/Berlin")).hour == 5
