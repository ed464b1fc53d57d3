"""Gauges about the interview day agree with the boards, in a constant number of queries."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from interview.models import Interview, Robot
from interview.notifications.dingtalk import rate_limit
from interview.notifications.dingtalk.robot_sender import send_due
from jobs.models import Campaign
from monitoring.metrics import metrics
from monitoring.metrics.db_gauges import DbGauge
from realtime.log.reader import take_snapshot
from tests.factories import make_campaign, make_interview, make_scorecard
from tests.support.external.fake_dingtalk import FakeDingtalk
from tests.support.product.clock import Clock
from tests.support.product.day_topics import todays_board
from tests.support.robots import make_delivery

pytestmark = pytest.mark.django_db

BUSINESS = (
    metrics.INTERVIEWS,
    metrics.INTERVIEWS_FLAGGED,
    metrics.FEEDBACK_OVERDUE,
    metrics.NOTICES_WAITING,
    metrics.NOTICES_OLDEST_SECONDS,
    metrics.DINGTALK_BUDGET_LEFT,
    metrics.DINGTALK_ROBOTS_UNWELL,
)


def non_zero(gauge: DbGauge) -> dict[tuple[str, ...], float]:
    """The values of this gauge that are not zero, by their labels."""
    return {labels: number for labels, number in gauge.read().items() if number}


def cards(campaign: Campaign) -> list[dict]:
    rows = take_snapshot(todays_board(campaign)).rows
    return [row for row in rows if row["kind"] == "interview"]


def troubled_day(campaign: Campaign, wu: User, clock: Clock) -> None:
    """Late, conflicting and cancelled interviews, and one with an overdue scorecard."""

    def ago(minutes: int) -> datetime:
        return clock.now() - timedelta(minutes=minutes)

    common: dict[str, Any] = {"campaign": campaign, "interviewers": [wu]}
    make_interview(**common, starts_at=ago(20))
    make_interview(**common, starts_at=ago(20), status="confirmed")
    make_interview(**common, starts_at=ago(-60), status="cancelled")
    overdue = make_interview(**common, starts_at=ago(200), status="feedback_due")
    finish(overdue, ago(120))
    just_over = make_interview(**common, starts_at=ago(80), status="feedback_due")
    finish(just_over, ago(10))


def finish(interview: Interview, moment: datetime) -> None:
    interview.finished_at = moment
    interview.save()


def test_statuses_and_flags_are_counted_as_on_todays_boards(
    campaign: Campaign, wu: User, clock: Clock
) -> None:
    troubled_day(campaign, wu, clock)
    shown = cards(campaign)
    assert non_zero(metrics.INTERVIEWS) == {
        (status,): number for status, number in Counter(row["status"] for row in shown).items()
    }
    flags = Counter(flag for row in shown for flag in row["flags"])
    assert {"late", "clash", "feedback_overdue"} <= flags.keys(), "the premise: a troubled day"
    assert non_zero(metrics.INTERVIEWS_FLAGGED) == {(flag,): flags[flag] for flag in flags}


def test_only_todays_interviews_of_open_campaigns_are_counted(
    campaign: Campaign, wu: User, clock: Clock
) -> None:
    make_interview(campaign=campaign, interviewers=[wu], starts_at=clock.now())
    for days in (-1, 1):
        make_interview(campaign=campaign, starts_at=clock.now() + timedelta(days=days))
    make_interview(campaign=make_campaign(is_open=False), starts_at=clock.now())
    assert non_zero(metrics.INTERVIEWS) == {("scheduled",): 1}


def test_today_is_decided_by_the_time_zone_of_each_campaign(
    campaign: Campaign, clock: Clock
) -> None:
    """At noon in Shanghai it is afternoon in Auckland, and the previous evening in Honolulu."""
    evening = clock.now() + timedelta(hours=9)
    for zone in ("Asia/Shanghai", "Pacific/Auckland", "Pacific/Honolulu"):
        make_interview(campaign=make_campaign(time_zone=zone), starts_at=evening)
    assert non_zero(metrics.INTERVIEWS) == {("scheduled",): 1}, (
        "21:00 in Shanghai; 02:00 and 03:00 on the next day elsewhere"
    )


def test_statuses_and_flags_without_interviews_are_reported_as_zero(campaign: Campaign) -> None:
    """A missing series would look like one that is not measured."""
    assert set(metrics.INTERVIEWS.read().values()) == {0}
    assert ("overrun",) in metrics.INTERVIEWS_FLAGGED.read()
    assert metrics.NOTICES_OLDEST_SECONDS.read() == {("email",): 0, ("dingtalk",): 0}


def test_each_overdue_scorecard_is_counted_until_it_is_submitted(
    campaign: Campaign, wu: User, zhao: User, clock: Clock
) -> None:
    interview = make_interview(campaign=campaign, interviewers=[wu, zhao], status="feedback_due")
    finish(interview, clock.now() - timedelta(days=2))
    assert metrics.FEEDBACK_OVERDUE.read() == {(): 2}
    make_scorecard(interview=interview, interviewer=wu)
    assert metrics.FEEDBACK_OVERDUE.read() == {(): 1}
    make_scorecard(interview=interview, interviewer=zhao)
    assert metrics.FEEDBACK_OVERDUE.read() == {(): 0}


def test_waiting_messages_are_counted_with_the_age_of_the_oldest(robot: Robot, hour: Clock) -> None:
    for state, minutes in (("queued", 5), ("failed", 3), ("queued", -10), ("sent", 60)):
        due_at = hour.now() - timedelta(minutes=minutes)
        make_delivery(robot, None, state=state, due_at=due_at)
    assert non_zero(metrics.NOTICES_WAITING) == {
        ("dingtalk", "queued"): 2,
        ("dingtalk", "failed"): 1,
    }
    assert non_zero(metrics.NOTICES_OLDEST_SECONDS) == {("dingtalk",): 300}
    robot.rests_until = hour.now() + timedelta(minutes=10)
    robot.save()
    assert non_zero(metrics.NOTICES_OLDEST_SECONDS) == {}, (
        "these wait for DingTalk, not for a worker"
    )
    assert non_zero(metrics.DINGTALK_ROBOTS_UNWELL) == {(): 1}


def test_a_robot_disabled_by_staff_is_healthy_and_a_deleted_one_unhealthy(
    robot: Robot,
) -> None:
    robot.is_enabled = False
    robot.save()
    assert non_zero(metrics.DINGTALK_ROBOTS_UNWELL) == {}
    robot.alarm = "robot_gone"
    robot.save()
    assert non_zero(metrics.DINGTALK_ROBOTS_UNWELL) == {(): 1}


def test_a_failed_robot_is_unhealthy_until_a_message_is_accepted(
    robot: Robot, dingtalk: FakeDingtalk, campaign: Campaign, hour: Clock
) -> None:
    """Its pause of ten minutes ends, but only an accepted message makes it healthy."""
    make_delivery(robot, make_interview(campaign=campaign))
    dingtalk.next_answers.append({"errcode": 310000, "errmsg": "sign not match"})
    send_due(robot)
    assert non_zero(metrics.DINGTALK_ROBOTS_UNWELL) == {(): 1}
    hour.shift(minutes=30)
    assert non_zero(metrics.DINGTALK_ROBOTS_UNWELL) == {(): 1}
    send_due(robot)
    assert non_zero(metrics.DINGTALK_ROBOTS_UNWELL) == {}


def test_each_message_reduces_the_remaining_rate_limit(robot: Robot, hour: Clock) -> None:
    full = metrics.DINGTALK_BUDGET_LEFT.read()[("autumn",)]
    assert rate_limit.consume(robot.name)
    assert metrics.DINGTALK_BUDGET_LEFT.read() == {("autumn",): full - 1}


def test_the_number_of_queries_does_not_grow_with_the_interviews(
    campaign: Campaign, wu: User, robot: Robot, clock: Clock
) -> None:
    def queries(gauge: DbGauge) -> int:
        with CaptureQueriesContext(connection) as captured:
            gauge.read()
        return len(captured)

    troubled_day(campaign, wu, clock)
    make_delivery(robot, None)
    few = {gauge.name: queries(gauge) for gauge in BUSINESS}
    assert max(few.values()) <= 6
    for number in range(2):
        other = make_campaign()
        troubled_day(other, wu, clock)
        make_delivery(robot, None)
        Robot.objects.create(name=f"robot {number}", campaign=other)
    assert {gauge.name: queries(gauge) for gauge in BUSINESS} == few
