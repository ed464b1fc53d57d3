"""The delay forecast: how delays carry over through rooms and interviewers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

from interview.models.states import Status
from interview.rules.delays import DelayForecast

NOON = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)  # in Beijing
BEIJING = SimpleNamespace(time_zone="Asia/Shanghai")


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


class Cards:
    """Makes interviews of an hour, numbered in order."""

    def __init__(self) -> None:
        self.made: list[SimpleNamespace] = []

    def add(
        self,
        starts: float,
        status: str = "confirmed",
        *,
        room: int = 1,
        people: tuple[int, ...] | None = None,
        late: int = 0,
        response: str = "accepted",
        started: float | None = None,
        minutes: float = 60,
    ) -> int:
        number = len(self.made) + 1
        parts = [
            SimpleNamespace(interviewer_id=person, response=response, late_minutes=late)
            for person in (people if people is not None else (100 + number,))
        ]
        self.made.append(
            SimpleNamespace(
                pk=number,
                room_id=room,
                status=Status(status),
                starts_at=at(starts),
                ends_at=at(starts + minutes),
                started_at=None if started is None else at(started),
                campaign=BEIJING,
                assignment_list=lambda: parts,
            )
        )
        return number

    def forecast(self, *, now: float = 0) -> DelayForecast:
        return DelayForecast.compute(self.made, now=at(now))


def test_on_a_day_that_keeps_time_nothing_is_expected_later():
    cards = Cards()
    cards.add(0, "in_progress", started=0)
    cards.add(60)
    forecast = cards.forecast(now=30)
    assert forecast.expected_starts == {}
    assert forecast.delay_minutes(1) == 0


def test_an_interview_that_began_late_pushes_what_follows_by_as_much():
    cards = Cards()
    cards.add(0, "in_progress", started=18)
    following, after_a_break = cards.add(60), cards.add(125)
    forecast = cards.forecast(now=30)
    assert forecast.expected_starts == {following: at(78), after_a_break: at(138)}
    assert forecast.delay_minutes(1) == 18


def test_a_pause_absorbs_what_fits_into_it():
    cards = Cards()
    cards.add(0, "in_progress", started=18)
    cards.add(90)
    assert cards.forecast(now=30).expected_starts == {}


def test_an_overrun_ends_now_at_the_earliest():
    cards = Cards()
    cards.add(0, "in_progress", started=0)
    following = cards.add(60)
    assert cards.forecast(now=75).expected_starts == {following: at(75)}


def test_an_interview_that_should_have_begun_begins_now_at_the_earliest():
    cards = Cards()
    waiting = cards.add(0, "arrived")
    following = cards.add(60)
    forecast = cards.forecast(now=10)
    assert forecast.expected_starts == {waiting: at(10), following: at(70)}


def test_an_announced_delay_is_believed():
    cards = Cards()
    late = cards.add(30, late=15)
    following = cards.add(90)
    assert cards.forecast().expected_starts == {late: at(45), following: at(105)}


def test_who_declined_delays_nobody():
    cards = Cards()
    cards.add(30, late=15, response="declined")
    assert cards.forecast().expected_starts == {}


def test_a_running_interview_delays_the_interviewer_but_not_their_next_room():
    cards = Cards()
    cards.add(0, "in_progress", room=1, people=(7,), started=20)
    next_of_interviewer = cards.add(60, room=2, people=(7,))
    following_in_room = cards.add(120, room=2, people=(8,))
    forecast = cards.forecast(now=30)
    assert forecast.expected_starts == {next_of_interviewer: at(80)}
    assert following_in_room not in forecast.expected_starts
    assert forecast.delay_minutes(2) == 0


def test_other_rooms_keep_their_time():
    cards = Cards()
    cards.add(0, "in_progress", room=1, started=30)
    cards.add(60, room=2)
    assert cards.forecast(now=40).expected_starts == {}


def test_what_is_over_delays_nothing():
    cards = Cards()
    for status in ("completed", "cancelled", "no_show", "feedback_due"):
        cards.add(0, status)
    cards.add(60)
    assert cards.forecast(now=30).expected_starts == {}


def test_yesterdays_forgotten_interview_does_not_push_today():
    cards = Cards()
    cards.add(-24 * 60, "in_progress", started=-24 * 60)
    cards.add(60)
    assert cards.forecast().expected_starts == {}


def test_less_than_a_minute_is_not_worth_showing():
    cards = Cards()
    cards.add(0, "arrived")
    assert cards.forecast(now=0.9).expected_starts == {}


def test_two_rooms_that_want_the_same_interviewer_at_once_clash():
    cards = Cards()
    one, other = cards.add(60, room=1, people=(7, 8)), cards.add(90, room=2, people=(8,))
    cards.add(120, room=3, people=(7,))
    assert cards.forecast().clashing == {one, other}


def test_one_after_the_other_is_no_clash():
    cards = Cards()
    cards.add(60, room=1, people=(7,))
    cards.add(120, room=2, people=(7,))
    assert cards.forecast().clashing == set()
