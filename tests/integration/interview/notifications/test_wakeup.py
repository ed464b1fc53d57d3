"""Wakeups are sent after the commit, and a broker that is down or hangs delays nobody."""

from __future__ import annotations

import socket
import time
from datetime import timedelta
from functools import partial

import pytest
from celery import current_app
from django.db import connection, transaction
from django.utils import timezone

from interview import tasks
from interview.hooks.periodic import ENTRIES
from interview.models import Delivery
from interview.notifications import outbox, sender, wakeup
from tests.factories import make_interview
from tests.support.product.brokers import sending_to
from tests.support.robots import make_delivery

pytestmark = pytest.mark.django_db
PATIENCE_SECONDS = 10.0  # many times the allowed time; a call that hangs would never end


@pytest.fixture
def wakeups(monkeypatch) -> list[str]:
    """Channels of the wakeups that were sent, without a broker."""
    channels: list[str] = []

    def send_task(name, args, *, queue, **options):
        assert queue == "notify"
        channels.extend(args)

    monkeypatch.setattr(current_app, "send_task", send_task)
    return channels


def test_a_transaction_sends_one_wakeup_per_channel_when_it_commits(
    wakeups, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        for _ in range(3):
            wakeup.request_delivery(["email"])
            wakeup.request_delivery(["email", "dingtalk"])
        assert wakeups == []
    assert wakeups == ["email", "dingtalk"]


def test_a_rolled_back_transaction_sends_no_wakeup(wakeups, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        with transaction.atomic():
            wakeup.request_delivery(["email"])
            transaction.set_rollback(True)
        wakeup.request_delivery(["dingtalk"])
    assert wakeups == ["dingtalk"]


@pytest.mark.parametrize("transport", ["redis", "amqp"])
def test_a_hanging_broker_is_waited_for_once(transport):
    """The broker accepts the connection and never responds."""
    silent = socket.create_server(("127.0.0.1", 0))
    with silent, sending_to(f"{transport}://127.0.0.1:{silent.getsockname()[1]}//"):
        before = time.monotonic()
        assert wakeup.send_wakeup("email") is False
        waited = time.monotonic() - before
        assert wakeup.send_wakeup("email") is False
        waited_again = time.monotonic() - before - waited
    assert waited < PATIENCE_SECONDS
    assert waited_again < waited / 10


def test_an_unreachable_broker_is_no_error():
    with sending_to("redis://127.0.0.1:9//"):
        assert wakeup.send_wakeup("email") is False


def test_the_sweep_sends_messages_whose_wakeup_was_lost(
    wakeups, django_capture_on_commit_callbacks
):
    assert "sweep-deliveries" in {entry.name for entry in ENTRIES}
    with django_capture_on_commit_callbacks(execute=True):
        sender.sweep()
    assert wakeups == [], "no message is waiting"
    make_interview()
    connection.run_on_commit.clear()  # the wakeup is lost
    with django_capture_on_commit_callbacks(execute=True):
        sender.sweep()
    assert wakeups == ["email"]


def test_the_sweep_ends_expired_messages():
    make_interview()
    assert outbox.has_due(timezone.now(), channel="email"), "the premise"
    Delivery.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert outbox.claim(timezone.now(), channel="email", limit=10) == [], (
        "nor before the message is due"
    )
    tasks.sweep_deliveries()
    assert set(Delivery.objects.values_list("state", flat=True)) == {"expired"}
    assert outbox.claim(timezone.now(), channel="email", limit=10) == []


def test_the_sweep_gives_up_messages_whose_worker_died(clock):
    make_interview()
    assert outbox.claim(timezone.now(), channel="email", limit=10)
    tasks.sweep_deliveries()
    assert set(Delivery.objects.values_list("state", flat=True)) == {"sending"}
    clock.shift(seconds=outbox.SENDING_TIMEOUT.total_seconds() + 1)
    tasks.sweep_deliveries()
    given_up = set(Delivery.objects.values_list("state", "reason"))
    assert given_up == {("dead", "unknown")}


@pytest.mark.parametrize("ask", [tasks.send_to_robots, partial(tasks.deliver, "dingtalk")])
def test_each_robot_gets_its_own_task_after_a_wakeup_and_in_the_sweep(
    wakeups, robot, ask, django_capture_on_commit_callbacks
):
    make_delivery(robot, None)
    with django_capture_on_commit_callbacks(execute=True):
        ask()
    assert wakeups == [robot.pk]
