"""The delay forecast: how delays carry over through rooms, interviewers and candidates."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from interview.models.states import Status
from interview.rules.delays import DelayForecast
from interview.rules.planned_interviews import Planned

NOON = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)  # 12:00 in Beijing
BEIJING = "Asia/Shanghai"


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


class Interviews:
    """Collects interviews, by default of an hour, numbered from 1."""

    def __init__(self) -> None:
        self.added: list[Planned] = []

    def add(
        self,
        starts: float,
        status: str = "confirmed",
        *,
        room: int = 1,
        people: tuple[int, ...] | None = None,
        candidate: int | None = None,
        late: int = 0,
        started: float | None = None,
        finished: float | None = None,
        minutes: float = 60,
    ) -> int:
        number = len(self.added) + 1
        self.added.append(
            Planned(
                pk=number,
                room=room,
                candidate=candidate or 200 + number,
                interviewers=people if people is not None else (100 + number,),
                starts_at=at(starts),
                ends_at=at(starts + minutes),
                time_zone=BEIJING,
                started_at=None if started is None else at(started),
                finished_at=None if finished is None else at(finished),
                status=Status(status),
                late_minutes=late,
            )
        )
        return number

    def forecast(self, *, now: float = 0) -> DelayForecast:
        return DelayForecast.compute(self.added, now=at(now))


def test_interviews_on_time_are_not_delayed():
    interviews = Interviews()
    interviews.add(0, "in_progress", started=0)
    interviews.add(60)
    forecast = interviews.forecast(now=30)
    assert forecast.expected_starts == {}
    assert forecast.delay_minutes(1) == 0


def test_an_interview_that_started_late_delays_the_following_ones():
    interviews = Interviews()
    interviews.add(0, "in_progress", started=18)
    following, after_a_break = interviews.add(60), interviews.add(125)
    forecast = interviews.forecast(now=30)
    assert forecast.expected_starts == {following: at(78), after_a_break: at(138)}
    assert forecast.delay_minutes(1) == 18


def test_a_break_absorbs_a_delay():
    interviews = Interviews()
    interviews.add(0, "in_progress", started=18)
    interviews.add(90)
    assert interviews.forecast(now=30).expected_starts == {}


def test_an_overrunning_interview_is_expected_to_end_now():
    interviews = Interviews()
    interviews.add(0, "in_progress", started=0)
    following = interviews.add(60)
    assert interviews.forecast(now=75).expected_starts == {following: at(75)}


def test_an_interview_that_should_have_started_is_expected_to_start_now():
    interviews = Interviews()
    waiting = interviews.add(0, "arrived")
    following = interviews.add(60)
    forecast = interviews.forecast(now=10)
    assert forecast.expected_starts == {waiting: at(10), following: at(70)}


def test_an_announced_delay_is_included_in_the_forecast():
    interviews = Interviews()
    late = interviews.add(30, late=15)
    following = interviews.add(90)
    assert interviews.forecast().expected_starts == {late: at(45), following: at(105)}


def test_an_interviewer_passes_a_delay_on_to_their_next_room_and_so_on():
    interviews = Interviews()
    interviews.add(0, "in_progress", room=1, people=(7,), started=20)
    next_of_interviewer = interviews.add(60, room=2, people=(7,))
    following_in_room = interviews.add(120, room=2, people=(8,))
    next_of_colleague = interviews.add(180, room=3, people=(8, 9))
    after_a_break = interviews.add(270, room=3, people=(9,))
    forecast = interviews.forecast(now=30)
    assert forecast.expected_starts == {
        next_of_interviewer: at(80),
        following_in_room: at(140),
        next_of_colleague: at(200),
    }
    assert after_a_break not in forecast.expected_starts
    assert [forecast.delay_minutes(room) for room in (1, 2, 3)] == [20, 20, 20]


def test_a_candidate_who_is_held_in_one_room_is_late_for_the_next():
    interviews = Interviews()
    interviews.add(0, "in_progress", room=1, candidate=5, started=15)
    second_round = interviews.add(60, room=2, candidate=5)
    assert interviews.forecast(now=30).expected_starts == {second_round: at(75)}


def test_two_interviews_that_overlap_by_plan_do_not_delay_each_other():
    """A coordinator has confirmed the clash; both are told to start on time."""
    interviews = Interviews()
    interviews.add(60, room=1, people=(7,))
    interviews.add(90, room=2, people=(7, 8))
    assert interviews.forecast().expected_starts == {}


def test_people_are_elsewhere_while_their_interview_runs_whatever_the_plan_says():
    interviews = Interviews()
    interviews.add(0, "in_progress", room=1, people=(7,), started=0)
    clashing = interviews.add(30, room=2, people=(7,))
    assert interviews.forecast(now=10).expected_starts == {clashing: at(60)}


def test_nobody_is_missing_who_is_held_elsewhere_or_has_just_come_from_there():
    interviews = Interviews()
    interviews.add(0, "in_progress", room=1, people=(7,), started=20)
    interviews.add(0, "feedback_due", room=2, people=(8,), finished=70)
    held, freed, free = (
        interviews.add(60, "arrived", room=10 + person, people=(person,)) for person in (7, 8, 9)
    )
    assert interviews.forecast(now=75).held_until == {held: at(80), freed: at(70)}
    assert free not in interviews.forecast(now=75).held_until


def test_a_delay_does_not_affect_other_rooms():
    interviews = Interviews()
    interviews.add(0, "in_progress", room=1, started=30)
    interviews.add(60, room=2)
    assert interviews.forecast(now=40).expected_starts == {}


def test_finished_interviews_delay_nothing():
    interviews = Interviews()
    for status in ("completed", "cancelled", "no_show", "feedback_due"):
        interviews.add(0, status)
    interviews.add(60)
    assert interviews.forecast(now=30).expected_starts == {}


def test_an_interview_left_open_yesterday_does_not_delay_today():
    interviews = Interviews()
    interviews.add(-24 * 60, "in_progress", started=-24 * 60)
    interviews.add(60)
    assert interviews.forecast().expected_starts == {}


def test_a_delay_of_less_than_a_minute_is_not_shown():
    interviews = Interviews()
    interviews.add(0, "arrived")
    assert interviews.forecast(now=0.9).expected_starts == {}


def test_two_interviews_of_one_interviewer_at_the_same_time_clash():
    interviews = Interviews()
    one, other = interviews.add(60, room=1, people=(7, 8)), interviews.add(90, room=2, people=(8,))
    interviews.add(120, room=3, people=(7,))
    assert interviews.forecast().clashing == {one, other}


def test_two_interviews_in_succession_do_not_clash():
    interviews = Interviews()
    interviews.add(60, room=1, people=(7,))
    interviews.add(120, room=2, people=(7,))
    assert interviews.forecast().clashing == set()


# Properties


@st.composite
def days(draw: st.DrawFn) -> Interviews:
    """A day of up to ten interviews in three rooms, with four interviewers and four candidates.

    Rooms are never booked twice by plan; people may be.
    """
    interviews = Interviews()
    free = dict.fromkeys((1, 2, 3), -60)
    for _ in range(draw(st.integers(1, 10))):
        room = draw(st.sampled_from(sorted(free)))
        starts = free[room] + draw(st.sampled_from([0, 5, 20, 45]))
        minutes = draw(st.sampled_from([15, 30, 60]))
        free[room] = starts + minutes
        interviews.add(
            starts,
            draw(st.sampled_from(["confirmed", "arrived"])),
            room=room,
            people=tuple(draw(st.sets(st.integers(1, 4), max_size=2))),
            candidate=draw(st.integers(10, 13)),
            late=draw(st.sampled_from([0, 0, 0, 10])),
            minutes=minutes,
        )
    running = draw(st.sets(st.integers(0, len(interviews.added) - 1), max_size=2))
    for index in running:
        one = interviews.added[index]
        started = one.starts_at + timedelta(minutes=draw(st.sampled_from([0, 10, 40])))
        interviews.added[index] = replace(one, status=Status.IN_PROGRESS, started_at=started)
    return interviews


def starts_of(interviews: Interviews, now: float) -> dict[int, datetime]:
    """The start of each waiting interview, delayed or not."""
    expected = interviews.forecast(now=now).expected_starts
    waiting = [one for one in interviews.added if one.is_waiting]
    return {one.pk: expected.get(one.pk, one.starts_at) for one in waiting}


def simulated(interviews: Interviews, now: float) -> dict[int, datetime]:
    """Plays the day minute by minute: an interview starts when nothing before it is left."""
    left = {one.pk: one for one in interviews.added if one.is_waiting}
    ends = {
        one.pk: max((one.started_at or one.starts_at) + one.length, at(now))
        for one in interviews.added
        if one.is_running
    }
    by_id = {one.pk: one for one in interviews.added}
    starts: dict[int, datetime] = {}
    minute = min(int((one.starts_at - NOON).total_seconds() // 60) for one in by_id.values())
    minute = max(minute, int(now))
    while left:
        moment = at(minute)
        for one in sorted(left.values(), key=lambda one: (one.starts_at, one.pk)):
            if moment >= one.starts_at + timedelta(minutes=one.late_minutes) and not any(
                _holds(other, one) and ends.get(other.pk, at(10**6)) > moment
                for other in by_id.values()
            ):
                starts[one.pk], ends[one.pk] = moment, moment + one.length
                del left[one.pk]
        minute += 1
    return starts


def _holds(other: Planned, one: Planned) -> bool:
    """True if `one` cannot start before the end of `other`."""
    if other.pk == one.pk or not set(other.resources) & set(one.resources):
        return False
    return other.is_running or other.ends_at <= one.starts_at


@settings(deadline=None)
@given(days(), st.integers(-60, 240))
def test_the_forecast_equals_a_simulation_of_the_day(interviews: Interviews, now: int) -> None:
    assert starts_of(interviews, now) == simulated(interviews, now)


@settings(deadline=None)
@given(days(), st.integers(-60, 240))
def test_nothing_is_expected_before_its_planned_start_nor_in_the_past(
    interviews: Interviews, now: int
) -> None:
    planned = {one.pk: one.starts_at for one in interviews.added}
    for pk, start in starts_of(interviews, now).items():
        assert start >= max(planned[pk], at(now))


@settings(deadline=None)
@given(days(), st.integers(-60, 200), st.integers(0, 60), st.integers(0, 30), st.data())
def test_neither_time_nor_a_longer_delay_makes_anything_start_earlier(
    interviews: Interviews, now: int, later: int, more: int, data: st.DataObject
) -> None:
    before = starts_of(interviews, now)
    index = data.draw(st.integers(0, len(interviews.added) - 1))
    one = interviews.added[index]
    interviews.added[index] = replace(one, late_minutes=one.late_minutes + more)
    after = starts_of(interviews, now + later)
    assert all(after[pk] >= start for pk, start in before.items())
