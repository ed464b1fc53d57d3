"""Flags depend only on the interview and the time; each is tested on both sides of its limit."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from interview.models.states import Status
from interview.rules.flags import flag_change_times, flags_of

START = datetime(2026, 11, 25, 6, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def interview(
    status: str, *responses: str, finished_at: datetime | None = None, absent=(), side=""
):
    """The attributes of an interview that flags depend on. It starts at START and lasts an hour."""
    parts = [
        SimpleNamespace(response=response, interviewer_id=number)
        for number, response in enumerate(responses or ("accepted",))
    ]
    cards = [SimpleNamespace(interviewer_id=number, state="dismissed") for number in absent]
    return SimpleNamespace(
        status=Status(status),
        starts_at=START,
        ends_at=START + timedelta(hours=1),
        finished_at=finished_at,
        side=side,
        assignment_list=lambda: parts,
        loaded_scorecards=cards,
    )


def flags(status: str, *responses: str, minutes: float, **attributes: object) -> list[str]:
    """The flags of such an interview this many minutes after its start."""
    has_clash = bool(attributes.pop("has_clash", False))
    now = START + timedelta(minutes=minutes)
    return flags_of(interview(status, *responses, **attributes), now=now, has_clash=has_clash)


@pytest.mark.parametrize(
    ("status", "minutes", "expected"),
    [
        ("scheduled", -24 * 60, []),
        ("scheduled", -24 * 60 + 1, ["unconfirmed"]),
        ("scheduled", 0, ["unconfirmed"]),
        ("scheduled", 2, []),
        ("scheduled", 3, ["late"]),
        ("scheduled", 6, ["late", "candidate_missing"]),
        ("confirmed", -60, []),
        ("confirmed", 0, []),
        ("confirmed", 2, []),
        ("confirmed", 3, ["late"]),
        ("confirmed", 5, ["late"]),
        ("confirmed", 6, ["late", "candidate_missing"]),
        ("arrived", 0, []),
        ("arrived", 5, ["late"]),
        ("arrived", 6, ["late", "interviewer_missing"]),
        ("in_progress", 60, []),
        ("in_progress", 61, ["overrun"]),
        ("feedback_due", 120, []),
        ("feedback_due", 121, ["feedback_overdue"]),
        ("completed", 1000, []),
        ("cancelled", 1000, []),
        ("no_show", 1000, []),
    ],
)
def test_an_interview_has_the_flags_of_its_status_and_the_time(status, minutes, expected):
    assert flags(status, minutes=minutes) == expected


def test_scorecards_are_overdue_an_hour_after_the_actual_end():
    finished = START + timedelta(minutes=30)
    assert flags("feedback_due", minutes=90, finished_at=finished) == []
    assert flags("feedback_due", minutes=91, finished_at=finished) == ["feedback_overdue"]


def test_scorecards_are_overdue_at_once_if_no_interviewer_attended():
    two = ("accepted", "accepted")
    assert flags("feedback_due", *two, minutes=61, absent=[0]) == []
    assert flags("feedback_due", *two, minutes=61, absent=[0, 1]) == ["feedback_overdue"]
    assert flags("feedback_due", "declined", minutes=61) == ["feedback_overdue"]


def test_a_decline_is_flagged_until_the_interview_starts():
    assert flags("confirmed", "accepted", "declined", minutes=-60) == ["declined"]
    assert flags("in_progress", "accepted", "declined", minutes=10) == []


def test_a_candidate_who_cannot_come_is_flagged_until_they_arrive():
    assert flags("scheduled", minutes=-48 * 60, side="candidate") == ["excused"]
    assert flags("arrived", minutes=-60, side="candidate") == []
    assert flags("cancelled", minutes=-60, side="candidate") == []


def test_an_interviewer_is_missing_as_soon_as_somebody_says_so():
    assert flags("arrived", minutes=-10) == []
    assert flags("arrived", minutes=-10, side="interviewer") == ["interviewer_missing"]
    assert flags("no_show", minutes=-10, side="interviewer") == []


def test_a_clash_is_flagged_until_the_interview_starts():
    assert flags("confirmed", minutes=-60, has_clash=True) == ["clash"]
    assert flags("completed", minutes=90, has_clash=True) == []


def test_an_interviewer_is_missing_only_some_minutes_after_they_could_be_there():
    arrived = interview("arrived")
    late = {"now": START + timedelta(minutes=12), "has_clash": False}
    assert flags_of(arrived, **late) == ["late", "interviewer_missing"]
    held_until = START + timedelta(minutes=8)
    assert flags_of(arrived, **late, held_until=held_until) == ["late"]


def test_the_minutes_of_grace_are_settings(settings):
    settings.LATE_GRACE_MINUTES, settings.INTERVIEWER_MISSING_MINUTES = 0, 20
    assert flags("arrived", minutes=1) == ["late"]
    assert flags("arrived", minutes=20) == ["late"]
    assert flags("arrived", minutes=21) == ["late", "interviewer_missing"]


@pytest.mark.parametrize("status", Status.values)
def test_flags_change_only_at_the_declared_times(status):
    """Between two of the flag_change_times the flags are constant."""
    example = interview(status)
    edges = sorted(flag_change_times(example))
    for left, right in itertools.pairwise(edges):
        after = flags_of(example, now=left + SECOND, has_clash=False)
        middle = flags_of(example, now=left + (right - left) / 2, has_clash=False)
        assert after == middle == flags_of(example, now=right, has_clash=False)
