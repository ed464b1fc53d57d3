"""The rules every proposal keeps, whatever it is asked: played with random days."""

from __future__ import annotations

import itertools
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from interview.bulk.proposals import Ask, Place, Rules, Why, World, propose
from interview.bulk.times import times_of
from interview.models.time_spans import Diary, Span

BEIJING = ZoneInfo("Asia/Shanghai")
DAYS = [date(2030, 3, 4), date(2030, 3, 5)]


def span(day: int, hour: int, minute: int, minutes: int) -> Span:
    begin = datetime(2030, 3, 4 + day, hour, minute, tzinfo=BEIJING).astimezone(UTC)
    return Span(begin, begin + timedelta(minutes=minutes))


SPANS = st.builds(
    span,
    st.integers(0, 1),
    st.integers(8, 17),
    st.sampled_from([0, 10, 25, 45]),
    st.sampled_from([20, 45, 120, 300]),
)


def booked(ids: int) -> st.SearchStrategy[list[tuple[int, Span]]]:
    return st.lists(st.tuples(st.integers(0, ids - 1), SPANS), max_size=12)


@st.composite
def questions(draw) -> tuple:
    """Asks, times, what is booked already, and the rules."""
    asks = [Ask(number, draw(st.integers(0, 15))) for number in range(draw(st.integers(0, 30)))]
    rules = Rules(
        people=draw(st.integers(1, 3)),
        buffer=timedelta(minutes=draw(st.sampled_from([5, 10, 20]))),
        load_limit=draw(st.integers(1, 8)),
    )
    times = times_of(
        DAYS,
        opens_at=time(9),
        closes_at=time(draw(st.integers(10, 18))),
        length=timedelta(minutes=draw(st.sampled_from([20, 45, 60]))),
        pause=rules.buffer,
        zone=BEIJING,
    )
    before = draw(st.tuples(booked(4), booked(6), booked(16)))
    return asks, times, before, rules


def world(before) -> World:
    rooms, people, candidates = (Diary(BEIJING, one) for one in before)
    return World(range(4), range(6), rooms, people, candidates)


def clashes(spans: list[Span], buffer: timedelta) -> bool:
    ordered = sorted(spans)
    return any(
        first.ends_at + buffer > second.starts_at for first, second in itertools.pairwise(ordered)
    )


@given(questions())
@settings(max_examples=150)
def test_whatever_is_asked_the_rules_are_kept(question):
    asks, times, before, rules = question
    found = propose(asks, times, world(before), rules)
    placed = [place.ask for place in found.places]
    assert Counter([*placed, *(left.ask for left in found.left)]) == Counter(asks), "each once"
    for place in found.places:
        assert place.span in times
        assert len(set(place.interviewers)) == rules.people
        for one, booked_before, buffer in (
            (place.room, before[0], rules.buffer),
            *((person, before[1], rules.buffer) for person in place.interviewers),
            (place.ask.candidate, before[2], timedelta()),
        ):
            taken = [span for who, span in booked_before if who == one]
            assert not any(place.span.meets(span, buffer=buffer) for span in taken)
    for used, buffer in (
        (by(found.places, lambda place: [place.room]), rules.buffer),
        (by(found.places, lambda place: place.interviewers), rules.buffer),
        (by(found.places, lambda place: [place.ask.candidate]), timedelta()),
    ):
        assert not any(clashes(spans, buffer) for spans in used.values())
    for person in range(6):
        for day in DAYS:
            mine = [p for p in found.places if person in p.interviewers]
            new = sum(span_day(place.span) == day for place in mine)
            old = sum(who == person and span_day(span) == day for who, span in before[1])
            assert new == 0 or new + old <= rules.load_limit


@given(questions())
@settings(max_examples=40)
def test_the_same_question_has_the_same_answer(question):
    asks, times, before, rules = question
    first = propose(asks, times, world(before), rules)
    assert propose(asks, times, world(before), rules) == first


@given(questions())
@settings(max_examples=60)
def test_nobody_is_left_over_while_a_place_for_him_is_free(question):
    """One person each: where a room, an interviewer and the candidate are free, he is placed."""
    asks, times, before, rules = question
    rules = Rules(people=1, buffer=rules.buffer, load_limit=rules.load_limit)
    after = world(before)
    found = propose(asks, times, after, rules)
    for left in found.left:
        for time_ in times:
            day = after.interviewer_diary.day_of(time_)
            room = any(after.room_diary.is_free(r, time_, buffer=rules.buffer) for r in range(4))
            someone = any(
                after.interviewer_diary.is_free(p, time_, buffer=rules.buffer)
                and after.interviewer_diary.load(p, day) < rules.load_limit
                for p in range(6)
            )
            candidate = after.candidate_diary.is_free(left.ask.candidate, time_)
            assert not (room and someone and candidate)


def by(places: list[Place], keys) -> dict[int, list[Span]]:
    used: dict[int, list[Span]] = {}
    for place in places:
        for key in keys(place):
            used.setdefault(key, []).append(place.span)
    return used


def span_day(span: Span) -> date:
    return span.starts_at.astimezone(BEIJING).date()


def ask(number: int, *, times: list[Span], rules: Rules, people: int = 4, rooms: int = 4):
    empty = World(range(rooms), range(people), Diary(BEIJING), Diary(BEIJING), Diary(BEIJING))
    return propose([Ask(n, n) for n in range(number)], times, empty, rules)


def a_day(minutes: int = 45) -> list[Span]:
    return times_of(
        DAYS[:1],
        opens_at=time(9),
        closes_at=time(18),
        length=timedelta(minutes=minutes),
        pause=timedelta(minutes=5),
        zone=BEIJING,
    )


RULES = Rules(buffer=timedelta(minutes=5), load_limit=8)


def test_work_is_spread_evenly():
    found = ask(18, times=a_day(), rules=RULES)
    loads = Counter(person for place in found.places for person in place.interviewers)
    assert sorted(loads.values()) == [4, 4, 5, 5]


def test_whoever_is_left_over_is_told_why():
    assert {one.why for one in ask(9, times=[], rules=RULES).left} == {Why.NO_TIMES}
    few_rooms = ask(30, times=a_day(), rules=RULES, rooms=1)
    assert {one.why for one in few_rooms.left} == {Why.ROOMS_TAKEN}
    few_people = ask(30, times=a_day(), rules=RULES, people=1)
    assert {one.why for one in few_people.left} == {Why.PEOPLE_TAKEN}


def test_the_first_to_ask_is_the_first_to_be_seen():
    found = ask(8, times=a_day(), rules=RULES)
    assert [place.ask.application for place in found.places] == list(range(8))


def test_a_day_with_changed_clocks_has_real_hours():
    """In Berlin the night of the change is an hour short; a day that opens at one o'clock shows."""
    found = times_of(
        [date(2030, 3, 31)],
        opens_at=time(1),
        closes_at=time(5),
        length=timedelta(minutes=60),
        pause=timedelta(),
        zone=ZoneInfo("Europe/Berlin"),
    )
    assert len(found) == 3
    assert found[-1].ends_at.astimezone(ZoneInfo("Europe/Berlin")).hour == 5
