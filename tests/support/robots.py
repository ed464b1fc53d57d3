"""Fixtures for a DingTalk robot that talks to a fake server, and deliveries to it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from typing import Any
from unittest import mock

import pytest
from django.utils import timezone

from interview.models import Delivery, Interview, Robot
from jobs.models import Campaign
from realtime import rate_limiter, site_identity
from realtime.redis_connection import redis_connection
from tests.support.external.fake_dingtalk import FakeDingtalk
from tests.support.product.clock import Clock

_numbers = count(1)


@pytest.fixture
def dingtalk(settings: Any) -> Iterator[FakeDingtalk]:
    """A fake DingTalk for the robot `autumn`, with unused rate limits."""
    with FakeDingtalk() as fake:
        settings.DINGTALK_ROBOTS = {"autumn": fake.credentials}
        clear_rate_limits()
        yield fake


@pytest.fixture
def robot(campaign: Campaign, dingtalk: FakeDingtalk) -> Robot:
    return Robot.objects.create(name="autumn", campaign=campaign)


@pytest.fixture
def hour(clock: Clock) -> Iterator[Clock]:
    """Sets the clock of Django, DingTalk and the rate limiter to 12:15 in Beijing."""
    clock.set(datetime(2026, 11, 25, 4, 15, tzinfo=UTC))
    run = rate_limiter._run_script

    def run_at_this_time(script: str, *arguments: Any) -> Any:
        now = f"local now = {timezone.now().timestamp() * 1_000_000:.0f}"
        return run(script.replace(rate_limiter.CLOCK, now), *arguments)

    with mock.patch.object(rate_limiter, "_run_script", run_at_this_time):
        yield clock


def make_delivery(robot: Robot, interview: Interview | None, **changed: Any) -> Delivery:
    """Creates a delivery to a robot's group that is due now."""
    facts = {}
    if interview is not None:
        facts = {"starts_at": interview.starts_at.isoformat(), "room": interview.room.name}
    fields = {
        "channel": "dingtalk",
        "event": Delivery.Event.ARRIVED,
        "robot": robot,
        "interview": interview,
        "facts": facts,
        "due_at": timezone.now(),
        "idempotency_key": f"made:{next(_numbers)}",
    }
    return Delivery.objects.create(**(fields | changed))


def clear_rate_limits() -> None:
    """Makes every robot's rate limit unused."""
    client = redis_connection()
    for key in client.scan_iter(f"{site_identity.prefix()}:rate:dingtalk:*"):
        client.delete(key)
