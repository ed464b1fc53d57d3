"""The figures of the reports, checked against histories small enough to count by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.contrib.auth.models import User

from interview import services
from interview.analytics.period import Period
from interview.analytics.registry import REPORTS
from interview.analytics.report import ReportRow
from interview.models import Interview
from interview.services.transitions import Actor
from jobs.applications.services import application_move
from jobs.models import Application, Campaign
from tests.factories import (
    NOBODY,
    bring_to,
    make_application,
    make_campaign,
    make_interview,
    make_room,
    make_round,
    make_scorecard,
)
from tests.support.product.clock import Clock

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]

MONDAY = datetime(2026, 11, 2, 4, 0, tzinfo=UTC)  # noon in Beijing
NOVEMBER = (date(2026, 11, 1), date(2026, 11, 30))


@pytest.fixture(autouse=True)
def monday(clock: Clock) -> Clock:
    clock.set(MONDAY)
    return clock


def rows_of(
    name: str, campaign: Campaign, since: date = NOVEMBER[0], until: date = NOVEMBER[1]
) -> list[ReportRow]:
    """The rows of a report."""
    return [tuple(row) for row in REPORTS[name](Period(campaign, since, until)).rows]


def move(application: Application, to: str) -> Application:
    application = Application.objects.get(pk=application.pk)
    return application_move(
        application=application, to=to, version=application.version, by=None, reason="So"
    )


def held(interview: Interview, clock: Clock, *, hours: float = 1) -> Interview:
    """Starts the interview on time and finishes it after this many hours."""
    clock.set(interview.starts_at)
    interview = bring_to(interview, "in_progress")
    clock.shift(hours=hours)
    return services.interview_finish(
        interview_id=interview.pk, version=interview.version, actor=NOBODY
    )


def test_the_funnel_counts_the_furthest_stage_of_the_periods_applications(
    campaign: Campaign, clock: Clock
) -> None:
    clock.set(datetime(2026, 10, 31, 15, 59, tzinfo=UTC))  # a minute before November in Beijing
    move(make_application(campaign=campaign), "hired")
    clock.shift(minutes=1)
    make_application(campaign=campaign)
    move(make_application(campaign=campaign), "interviewing")
    move(move(make_application(campaign=campaign), "offer"), "withdrawn")
    move(move(make_application(campaign=campaign), "screening"), "rejected")
    move(make_application(campaign=make_campaign()), "hired")
    assert rows_of("funnel", campaign) == [
        ("Applied", 4, 100.0),
        ("Screening", 3, 75.0),
        ("Interviewing", 2, 50.0),
        ("Offer", 1, 25.0),
        ("Hired", 0, 0.0),
        ("Rejected", 1, 25.0),
        ("Withdrawn", 1, 25.0),
    ]


def test_time_in_stage_covers_stages_left_in_the_period(campaign: Campaign, clock: Clock) -> None:
    first, second, third = (make_application(campaign=campaign) for _ in range(3))
    make_application(campaign=campaign)
    clock.shift(days=1)
    move(first, "screening")
    clock.shift(days=1)
    move(second, "screening")
    clock.shift(days=4)
    move(third, "screening")
    move(first, "offer")
    # Applied: 1, 2 and 6 days; the 90th percentile is 2 + 0.8 × 4.
    assert rows_of("stages", campaign) == [
        ("Applied", 3, 2.0, 5.2, 1),
        ("Screening", 1, 5.0, 5.0, 2),
        ("Offer", 0, None, None, 1),
    ]
    assert rows_of("stages", campaign, until=date(2026, 11, 3))[0] == ("Applied", 1, 1.0, 1.0, 1)


def test_delays_run_from_application_to_scheduling_and_from_there_to_the_start(
    campaign: Campaign, clock: Clock
) -> None:
    first, second = (make_application(campaign=campaign) for _ in range(2))
    make_application(campaign=campaign)
    clock.shift(days=2)
    soon = make_interview(application=first, starts_at=clock.now() + timedelta(days=1))
    clock.shift(days=2)
    late = make_interview(application=second, starts_at=clock.now() + timedelta(days=5))
    held(soon, clock)
    clock.set(late.starts_at - timedelta(days=1))
    make_interview(application=first)  # only the first interview counts
    late = services.interview_reschedule(
        interview_id=late.pk,
        version=late.version,
        starts_at=late.starts_at + timedelta(days=2),
        ends_at=late.ends_at + timedelta(days=2),
        actor=NOBODY,
    )
    held(late, clock)
    assert rows_of("delays", campaign) == [
        ("Application → first interview scheduled", 2, 3.0, 3.8),
        ("Interview scheduled → interview started", 2, 4.0, 6.4),
    ]


def test_interviewer_load_counts_weeks_in_the_campaigns_time_zone(
    campaign: Campaign, clock: Clock, wu: User, zhao: User
) -> None:
    room = make_room(campaign=campaign)
    sunday_evening = datetime(2026, 11, 8, 15, 0, tzinfo=UTC)  # in Beijing; 23 o'clock
    for hours, people in ((0, [wu]), (1, [wu, zhao]), (24, [wu]), (25, [zhao])):
        starts_at = sunday_evening + timedelta(hours=hours)
        make_interview(room=room, starts_at=starts_at, interviewers=people)
    cancelled = make_interview(campaign=campaign, interviewers=[zhao])
    bring_to(cancelled, "cancelled")
    declined = make_interview(campaign=campaign, interviewers=[wu, zhao])
    services.interview_decline(
        interview_id=declined.pk,
        version=declined.version,
        reason="Ill",
        actor=Actor(user=zhao, source="test"),
    )
    missed = held(make_interview(campaign=campaign, interviewers=[wu, zhao]), clock)
    services.scorecard_dismiss(
        interview_id=missed.pk,
        version=missed.version,
        actor=Actor(user=zhao, source="test"),
    )
    assert rows_of("load", campaign) == [
        ("吴磊", 5, 1.2, "3, week of 2 Nov"),
        ("赵敏", 2, 0.5, "2, week of 9 Nov"),
    ]
    by_week = REPORTS["load"](Period(campaign, *NOVEMBER)).csv_table[1]
    assert [tuple(row) for row in by_week] == [
        ("吴磊", date(2026, 11, 2), 3),
        ("吴磊", date(2026, 11, 9), 2),
        ("赵敏", date(2026, 11, 9), 2),
    ]


def test_cancellations_and_reschedules_are_counted_by_side_and_reason_unless_undone(
    campaign: Campaign, clock: Clock
) -> None:
    for side, reason in (("candidate", "Other offer"), ("candidate", "Ill"), ("company", "Ill")):
        interview = make_interview(campaign=campaign)
        services.interview_cancel(
            interview_id=interview.pk,
            version=interview.version,
            reason=reason,
            side=side,
            actor=NOBODY,
        )
    bring_to(make_interview(campaign=campaign, starts_at=clock.now()), "no_show")
    moved = make_interview(campaign=campaign)
    for reason in ("Room flooded", ""):
        moved = services.interview_reschedule(
            interview_id=moved.pk,
            version=moved.version,
            starts_at=moved.starts_at + timedelta(days=1),
            ends_at=moved.ends_at + timedelta(days=1),
            reason=reason,
            actor=NOBODY,
        )
    services.interview_undo(interview_id=moved.pk, version=moved.version, actor=NOBODY)
    assert rows_of("sides", campaign) == [
        ("Cancelled", "Candidate", 2),
        ("Cancelled", "Company", 1),
        ("No-show confirmed", "Candidate", 1),
    ]
    assert rows_of("reasons", campaign) == [
        ("Cancelled", "Ill", 2),
        ("Cancelled", "Other offer", 1),
        ("Rescheduled", "Room flooded", 1),
    ]


def test_feedback_turnaround_runs_from_the_end_of_the_interview_by_round(
    campaign: Campaign, clock: Clock, wu: User, zhao: User
) -> None:
    first = make_interview(campaign=campaign, interviewers=[wu, zhao], round=make_round(1))
    second = make_interview(
        campaign=campaign,
        interviewers=[wu, zhao],
        round=make_round(2),
        starts_at=first.starts_at + timedelta(days=4),
    )
    held(first, clock)
    clock.shift(hours=2)
    make_scorecard(interview=first, interviewer=wu)
    clock.shift(hours=28)
    make_scorecard(interview=first, interviewer=zhao)
    held(second, clock)
    clock.shift(hours=4)
    make_scorecard(interview=second, interviewer=wu)
    report = REPORTS["feedback"](Period(campaign, *NOVEMBER))
    names = [make_round(number).name_en for number in (1, 2)]
    assert [tuple(row) for row in report.rows] == [
        ("All rounds", 3, 4.0, 24.8, 66.7),
        (names[0], 2, 16.0, 27.2, 50.0),
        (names[1], 1, 4.0, 4.0, 100.0),
    ]
    assert "Scorecards still due: 1." in report.note
