"""Monitor configurations for Sentry, and which due times check in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from realtime.background.periodic.sentry_check_ins import _is_monitored, monitor_of

NIGHTLY = {
    "minute": "30",
    "hour": "3",
    "day_of_month": "*",
    "month_of_year": "*",
    "day_of_week": "1,3",
    "timezone": "Asia/Shanghai",
}


@pytest.mark.parametrize(
    ("when", "schedule"),
    [
        ({"seconds": 10}, {"type": "interval", "value": 1, "unit": "minute"}),
        ({"seconds": 90}, {"type": "interval", "value": 2, "unit": "minute"}),
        ({"seconds": 3600}, {"type": "interval", "value": 60, "unit": "minute"}),
        (NIGHTLY, {"type": "crontab", "value": "30 3 * * 1,3"}),
    ],
)
def test_the_schedule_of_an_entry_is_sent_to_sentry(
    when: dict[str, Any], schedule: dict[str, Any]
) -> None:
    monitor = monitor_of(when)
    assert monitor is not None
    assert monitor["schedule"] == schedule
    assert monitor.get("timezone") == when.get("timezone")


def test_a_schedule_that_sentry_cannot_express_is_not_sent() -> None:
    assert monitor_of({"other": "solar"}) is None


@pytest.mark.parametrize("seconds", [5, 10, 20, 30, 60, 90, 3600])
def test_at_most_one_run_per_minute_checks_in(seconds: int) -> None:
    start = datetime(2026, 3, 2, 8, tzinfo=UTC)
    moments = [start + timedelta(seconds=at) for at in range(0, 7200, seconds)]
    heard = [moment for moment in moments if _is_monitored({"seconds": seconds}, moment)]
    assert len(heard) == min(len(moments), 120)
    assert len({moment.replace(second=0) for moment in heard}) == len(heard)
