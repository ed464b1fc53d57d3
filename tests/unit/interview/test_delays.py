"""The delay forecast: how delays carry over through rooms and interviewers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

from interview.models.states import Status
from interview.rules.delays import DelayForecast

NOON = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)  # 12:00 in Beijing
BEIJING = SimpleNamespace(time_zone="Asia/Shanghai")


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


class Interviews:
    """Collects unsaved interviews, by default of an hour, numbered from 1."""

    def __init__(self) -> None:
        self.added: list[SimpleNamespace] = []

    def add(
        self,
        starts: float,
        status: str = "confirmed",
        *,
        room: int = 1,
        people: tuple[int, ...] | None = None,
        candidate: int | None = None,
        late: int = 0,
        response: str = "accepted",
        started: float | None = None,
        minutes: float = 60,
    ) -> int:
        number = len(self.added) + 1
        parts = [
            SimpleNamespace(interviewer_id=person, response=response, late_minutes=late)
            for person in (people if people is not None else (100 + number,))
        ]
        self.added.append(
            SimpleNamespace(
                pk=number,
                room_id=room,
                status=Status(status),
                starts_at=at(starts),
                ends_at=at(starts + minutes),
                started_at=None if started is None else at(started),
                campaign=BEIJING,
                application=SimpleNamespace(candidate_id=candidate or 200 + number),
                assignment_list=lambda: parts,
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


def test_the_delay_of_an_interviewer_who_declined_does_not_count():
    interviews = Interviews()
    interviews.add(30, late=15, response="declined")
    assert interviews.forecast().expected_starts == {}


def test_a_running_interview_delays_the_interviewer_but_not_their_next_room():
    interviews = Interviews()
    interviews.add(0, "in_progress", room=1, people=(7,), started=20)
    next_of_interviewer = interviews.add(60, room=2, people=(7,))
    following_in_room = interviews.add(120, room=2, people=(8,))
    forecast = interviews.forecast(now=30)
    assert forecast.expected_starts == {next_of_interviewer: at(80)}
    assert following_in_room not in forecast.expected_starts
    assert forecast.delay_minutes(2) == 0


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
