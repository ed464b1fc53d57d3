"""Loading the demo data: at any hour, and not with the published password without DEBUG."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django import Settings

from interview.demo import loader
from interview.live.counters import counter_rows
from interview.models import InterviewEvent
from interview.rules import days
from jobs.models import Campaign
from tests.support.product.clock import frozen

pytestmark = pytest.mark.django_db

PASSWORD = "a-password-for-the-demo"
HOURS = [datetime(2026, 11, 22, hour, 5, tzinfo=UTC) for hour in (3, 9, 15, 16, 22)]


def counters() -> dict[str, int]:
    campaign = Campaign.objects.get(slug="autumn-2026")
    board = (campaign.slug, days.today(campaign.time_zone))
    return {row["name"]: row["value"] for row in counter_rows([board])[board]}


@pytest.mark.parametrize("moment", HOURS, ids=lambda moment: f"{(moment.hour + 8) % 24:02}h")
def test_the_board_has_interviews_at_any_hour(moment):
    """Also at night: the day is shifted around the current time, within its date."""
    with frozen(moment):
        loader.load(password=PASSWORD)
        count = counters()
        assert count["today"] >= 110
        assert count["in_progress"] >= 5
        assert count["arrived"] >= 3
        events = InterviewEvent.objects.filter(at__gt=timezone.now())
        assert not events.exists(), "nothing has happened in the future"


def test_without_debug_the_published_password_is_refused(
    settings: Settings,
) -> None:
    settings.DEBUG = False
    with pytest.raises(CommandError, match=r"^DEMO_PASSWORD must be your own"):
        call_command("load_demo")
    assert not User.objects.exists()
