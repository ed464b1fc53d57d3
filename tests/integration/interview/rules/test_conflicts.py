"""Conflicts of people are warnings: they block scheduling until a reason is given."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from interview import services
from interview.models import Interview
from interview.rules.conflicts import ConflictKind
from interview.rules.limits import BUFFER_MINUTES, DAILY_LOAD_LIMIT
from interview.services.conflict_checks import appointment_of, conflicts_of
from tests.factories import (
    NOBODY,
    bring_to,
    make_application,
    make_interview,
    make_interviewer,
    make_room,
    make_round,
)

pytestmark = pytest.mark.django_db
NINE = datetime(2030, 3, 4, 1, tzinfo=UTC)  # 09:00 in Beijing
HALF_HOUR = timedelta(minutes=30)


def schedule(campaign, person, starts_at, **fields):
    return services.interview_create(
        application=make_application(campaign=campaign),
        round=make_round(),
        room=make_room(campaign=campaign),
        starts_at=starts_at,
        ends_at=starts_at + HALF_HOUR,
        interviewers=[person],
        actor=NOBODY,
        **fields,
    )


def refusal(campaign, person, starts_at) -> str:
    """The reason why this person cannot be scheduled at this time."""
    with pytest.raises(ValidationError) as refused:
        schedule(campaign, person, starts_at)
    *reasons, hint = refused.value.message_dict["interviewers"]
    assert hint == "Enter a reason to continue."
    return " ".join(reasons)


def full_day(campaign, person):
    for number in range(DAILY_LOAD_LIMIT):
        schedule(campaign, person, NINE + number * 2 * HALF_HOUR)


def test_the_ninth_interview_of_a_day_needs_a_reason(campaign, wu):
    full_day(campaign, wu)
    nine_pm = NINE + timedelta(hours=12)
    assert "吴磊 already has 8 interviews that day" in refusal(campaign, wu, nine_pm)
    kept = schedule(campaign, wu, nine_pm, override_reason="The only Finnish speaker")
    assert kept.events.get().reason == "The only Finnish speaker"


def test_the_day_of_an_interview_is_that_of_the_campaigns_time_zone(campaign, wu):
    """00:30 in Beijing is the next day, though it is still the same day in UTC."""
    full_day(campaign, wu)
    schedule(campaign, wu, NINE + timedelta(hours=15, minutes=30))


def test_cancelled_interviews_do_not_count_towards_the_daily_limit(campaign, wu):
    full_day(campaign, wu)
    bring_to(Interview.objects.first(), "cancelled")
    schedule(campaign, wu, NINE + timedelta(hours=12))


def test_a_break_is_required_before_and_after_an_interview(campaign, wu):
    schedule(campaign, wu, NINE)
    too_little = timedelta(minutes=BUFFER_MINUTES - 1)
    for starts_at in (NINE + HALF_HOUR + too_little, NINE - HALF_HOUR - too_little):
        assert "less than 5 minutes" in refusal(campaign, wu, starts_at)
    schedule(campaign, wu, NINE + HALF_HOUR + timedelta(minutes=BUFFER_MINUTES))


def test_all_conflicts_of_an_interviewer_are_reported_the_most_severe_first(campaign, wu):
    full_day(campaign, wu)
    reasons = refusal(campaign, wu, NINE + HALF_HOUR / 2)
    assert reasons.index("another interview at that time") < reasons.index("8 interviews that day")


def test_an_interviewer_who_finished_early_is_free_again(campaign, wu, clock):
    running = make_interview(
        campaign=campaign, interviewers=[wu], starts_at=clock.now(), status="in_progress"
    )
    soon = clock.now() + HALF_HOUR
    assert "another interview" in refusal(campaign, wu, soon)
    services.interview_finish(interview_id=running.pk, version=running.version, actor=NOBODY)
    schedule(campaign, wu, soon)


def test_the_room_of_an_interview_that_finished_early_stays_booked(campaign, wu, clock):
    """The database keeps the planned times apart; a preview must not promise more."""
    running = make_interview(campaign=campaign, starts_at=clock.now(), status="in_progress")
    services.interview_finish(interview_id=running.pk, version=running.version, actor=NOBODY)
    moved = schedule(campaign, wu, NINE)
    soon = clock.now() + HALF_HOUR
    place = {"starts_at": soon, "ends_at": soon + HALF_HOUR, "room": running.room}
    (found,) = services.preview_conflicts(moved, **place)
    assert found.kind == ConflictKind.ROOM_TAKEN
    with pytest.raises(ValidationError) as refused:
        services.interview_reschedule(
            interview_id=moved.pk, version=moved.version, actor=NOBODY, **place
        )
    assert refused.value.message_dict.keys() == {"room"}


def test_ten_interviewers_are_checked_in_as_many_queries_as_one(campaign, wu):
    people = [make_interviewer() for _ in range(10)]
    interview = make_interview(campaign=campaign, starts_at=NINE)
    appointment_of(interview)  # loads what the interview refers to
    assert interview.campaign == campaign
    with CaptureQueriesContext(connection) as of_one:
        conflicts_of(interview, appointment_of(interview, interviewers=[wu.pk]))
    with CaptureQueriesContext(connection) as of_ten:
        conflicts_of(interview, appointment_of(interview, interviewers=[p.pk for p in people]))
    assert len(of_ten) == len(of_one) == 3
