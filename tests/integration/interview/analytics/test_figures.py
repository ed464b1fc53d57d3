"""The figures of a campaign: against a history that can be counted by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.contrib.auth.models import User

from interview import services
from interview.analytics.blocks import Cells
from interview.analytics.period import Period
from interview.analytics.subjects import SUBJECTS
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
from tests.support.clock import Clock

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]

MONDAY = datetime(2026, 11, 2, 4, 0, tzinfo=UTC)  # noon in Beijing
NOVEMBER = (date(2026, 11, 1), date(2026, 11, 30))


@pytest.fixture(autouse=True)
def monday(clock: Clock) -> Clock:
    clock.set(MONDAY)
    return clock


def told(
    name: str, campaign: Campaign, since: date = NOVEMBER[0], until: date = NOVEMBER[1]
) -> list[Cells]:
    """The rows of a block."""
    return [tuple(row) for row in SUBJECTS[name](Period(campaign, since, until)).rows]


def move(application: Application, to: str) -> Application:
    application = Application.objects.get(pk=application.pk)
    return application_move(
        application=application, to=to, version=application.version, by=None, reason="So"
    )


def held(interview: Interview, clock: Clock, *, hours: float = 1) -> Interview:
    """It begins when it was to begin, and lasts that long."""
    clock.set(interview.starts_at)
    interview = bring_to(interview, "in_progress")
    clock.shift(hours=hours)
    return services.interview_finish(
        interview_id=interview.pk, version=interview.version, actor=NOBODY
    )


def test_the_funnel_counts_how_far_the_applications_of_the_period_came(
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
    assert told("funnel", campaign) == [
        ("Applied", 4, 100.0),
        ("Screening", 3, 75.0),
        ("Interviewing", 2, 50.0),
        ("Offer", 1, 25.0),
        ("Hired", 0, 0.0),
        ("Rejected", 1, 25.0),
        ("Withdrawn", 1, 25.0),
    ]


def test_time_in_stage_is_that_of_the_stays_that_ended_in_the_period(
    campaign: Campaign, clock: Clock
) -> None:
    first, second, third = (make_application(campaign=campaign) for _ in range(3))
    make_application(campaign=campaign)
    clock.shift(days=1)
    move(first, "screening")
    clock.shift(days=1)
    move(second, "screening")
    clock.shift(days=4)
    move(third, "screening")
    move(first, "offer")
    # Applied: 1, 2 and 6 days; the ninth tenth lies at 2 + 0.8 × 4.
    assert told("stages", campaign) == [
        ("Applied", 3, 2.0, 5.2, 1),
        ("Screening", 1, 5.0, 5.0, 2),
        ("Offer", 0, None, None, 1),
    ]
    assert told("stages", campaign, until=date(2026, 11, 3))[0] == ("Applied", 1, 1.0, 1.0, 1)


def test_delays_reach_from_the_application_to_the_first_plan_and_from_there_to_the_conversation(
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
    make_interview(application=first)  # a second one is no first one
    late = services.interview_reschedule(
        interview_id=late.pk,
        version=late.version,
        starts_at=late.starts_at + timedelta(days=2),
        ends_at=late.ends_at + timedelta(days=2),
        actor=NOBODY,
    )
    held(late, clock)
    assert told("delays", campaign) == [
        ("Application → first interview planned", 2, 3.0, 3.8),
        ("Interview planned → takes place", 2, 4.0, 6.4),
    ]


def test_the_load_counts_what_an_interviewer_holds_by_weeks_of_the_place(
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
    assert told("load", campaign) == [
        ("吴磊", 5, 1.2, "3, week of 2 Nov"),
        ("赵敏", 2, 0.5, "2, week of 9 Nov"),
    ]
    by_week = SUBJECTS["load"](Period(campaign, *NOVEMBER)).file[1]
    assert [tuple(row) for row in by_week] == [
        ("吴磊", date(2026, 11, 2), 3),
        ("吴磊", date(2026, 11, 9), 2),
        ("赵敏", date(2026, 11, 9), 2),
    ]


def test_what_did_not_take_place_or_was_moved_is_counted_with_side_and_reason_unless_taken_back(
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
    assert told("sides", campaign) == [
        ("Cancelled", "Candidate", 2),
        ("Cancelled", "Company", 1),
        ("No-show confirmed", "Candidate", 1),
    ]
    assert told("reasons", campaign) == [
        ("Cancelled", "Ill", 2),
        ("Cancelled", "Other offer", 1),
        ("Rescheduled", "Room flooded", 1),
    ]


def test_feedback_is_measured_from_the_end_of_the_interview_by_round(
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
    block = SUBJECTS["feedback"](Period(campaign, *NOVEMBER))
    names = [make_round(number).name_en for number in (1, 2)]
    assert [tuple(row) for row in block.rows] == [
        ("All rounds", 3, 4.0, 24.8, 66.7),
        (names[0], 2, 16.0, 27.2, 50.0),
        (names[1], 1, 4.0, 4.0, 100.0),
    ]
    assert "Still awaited: 1." in block.note
