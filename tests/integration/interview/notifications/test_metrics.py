"""Each outcome of a notice is counted once, and not when it is rolled back."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from prometheus_client import REGISTRY, generate_latest

from interview import services
from interview.models import Delivery, Robot
from interview.notifications import outbox
from interview.notifications.dingtalk.robot_sender import send_due
from interview.services.transitions import Actor
from jobs.models import Campaign
from realtime.background import task_runs
from tests.factories import make_interview
from tests.support.contracts.metrics_in_process import scraped
from tests.support.external.fake_dingtalk import FakeDingtalk, status
from tests.support.robots import make_delivery

pytestmark = pytest.mark.django_db

Commits = Callable[..., AbstractContextManager[Any]]
NOW = timezone.now


def waiting(robot: Robot, **changed: Any) -> Delivery:
    return make_delivery(robot, None, **changed)


def claimed(robot: Robot, **changed: Any) -> list[Delivery]:
    waiting(robot, **changed)
    return outbox.claim(NOW(), channel="dingtalk", limit=1)


ENDS: dict[str, Callable[[Robot], Any]] = {
    "sent": lambda robot: outbox.mark_sent(claimed(robot), NOW()),
    "failed": lambda robot: outbox.mark_failed(claimed(robot), NOW(), reason="busy", answer=""),
    "dead": lambda robot: outbox.mark_dead(claimed(robot), reason="too_long"),
    "expired": lambda robot: (waiting(robot, expires_at=NOW()), outbox.expire(NOW())),
    "withdrawn": lambda robot: (waiting(robot), outbox.withdraw(Delivery.objects.all())),
}


@pytest.mark.parametrize("result", ENDS)
def test_each_outcome_of_a_message_is_counted_once(
    result: str, robot: Robot, django_capture_on_commit_callbacks: Commits
) -> None:
    before = scraped()
    with django_capture_on_commit_callbacks(execute=True):
        ENDS[result](robot)
    change = scraped().since(before)
    assert Delivery.objects.get().state == result
    assert change.of("recruit_notices_total", channel="dingtalk", result=result) == 1
    assert change.of("recruit_notices_total") == 1


def test_messages_without_attempts_left_or_with_a_dead_worker_count_as_dead(
    robot: Robot, django_capture_on_commit_callbacks: Commits
) -> None:
    before = scraped()
    with django_capture_on_commit_callbacks(execute=True):
        last = claimed(robot, attempts=outbox.MAX_ATTEMPTS - 1)
        outbox.mark_failed(last, NOW(), reason="busy", answer="")
        claimed(robot)
        assert outbox.give_up_unknown(NOW() + outbox.SENDING_TIMEOUT + timedelta(seconds=1)) == 1
    change = scraped().since(before)
    assert change.of("recruit_notices_total", result="dead") == 2
    assert change.of("recruit_notices_total") == 2


def test_a_restored_message_is_not_counted_as_an_outcome(
    robot: Robot, django_capture_on_commit_callbacks: Commits
) -> None:
    waiting(robot, state="withdrawn", reason="change")
    before = scraped()
    with django_capture_on_commit_callbacks(execute=True):
        assert outbox.requeue_withdrawn(Delivery.objects.all(), NOW()) == 1
    assert Delivery.objects.get().state == "queued"
    assert scraped().since(before).of("recruit_notices_total") == 0


def test_an_outcome_that_is_rolled_back_is_not_counted(
    robot: Robot, django_capture_on_commit_callbacks: Commits
) -> None:
    message = claimed(robot)
    before = scraped()
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        outbox.mark_sent(message, NOW())
        transaction.set_rollback(True)
    assert Delivery.objects.get().state == "sending", "the premise"
    assert scraped().since(before).of("recruit_notices_total") == 0


def test_an_in_app_notice_is_counted_when_it_is_written(
    campaign: Campaign, wu: User, lin: User, django_capture_on_commit_callbacks: Commits
) -> None:
    interview = make_interview(campaign=campaign, interviewers=[wu], status="confirmed")
    notices_before = wu.notifications.count()
    before = scraped()
    with django_capture_on_commit_callbacks(execute=True):
        services.interview_check_in(
            interview_id=interview.pk,
            version=interview.version,
            actor=Actor(user=lin, source="test"),
        )
    change = scraped().since(before)
    written = wu.notifications.count() - notices_before
    assert written > 0, "the premise"
    assert change.of("recruit_notices_total", channel="in_app", result="sent") == written


def test_a_finished_task_is_one_notice_however_often_it_is_reported(
    lin: User, django_capture_on_commit_callbacks: Commits
) -> None:
    before = scraped()
    with django_capture_on_commit_callbacks(execute=True):
        run = task_runs.task_run_create(name="import", title="a.csv", owner=lin, task="import")
        task_runs.mark_started(run)
        task_runs.mark_succeeded(run)
        task_runs.mark_succeeded(run)
    assert lin.notifications.count() == 1, "the premise"
    assert scraped().since(before).of("recruit_notices_total", channel="in_app") == 1


def test_dingtalk_responses_are_counted_by_their_meaning(
    robot: Robot, dingtalk: FakeDingtalk
) -> None:
    before = scraped()
    waiting(robot)
    send_due(robot)
    dingtalk.next_answers.append(status(503))
    waiting(robot)
    send_due(robot)
    change = scraped().since(before)
    assert change.of("recruit_dingtalk_answers_total", meaning="sent") == 1
    assert change.of("recruit_dingtalk_answers_total", meaning="http_error") == 1
    assert change.of("recruit_dingtalk_answers_total") == 2


def test_every_counter_is_exported_at_zero_so_that_the_first_failure_is_an_increase() -> None:
    exported = generate_latest(REGISTRY).decode()
    for channel in ("in_app", "email", "dingtalk"):
        for result in ("sent", "failed", "dead", "expired", "withdrawn"):
            assert f'recruit_notices_total{{channel="{channel}",result="{result}"}}' in exported
