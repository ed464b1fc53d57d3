"""Check-ins of scheduled runs for Sentry Crons: in progress, ok or error."""

from __future__ import annotations

import math
import time
import uuid
from datetime import datetime
from functools import cache
from typing import Any, Literal

from django_celery_beat.models import PeriodicTask

from monitoring.sentry import reporting
from realtime.background.periodic.entries import declared_entries
from realtime.background.periodic.sync import values_of

MINUTE_SECONDS = 60  # Sentry's unit: an entry that is due more often checks in once a minute
LATE_MINUTES = 2  # Sentry raises an alarm for a run that is later than this
LONGEST_MINUTES = 2  # the time limit of such tasks is 90 seconds

Status = Literal["in_progress", "ok", "error"]


class CheckIn:
    """Check-in of one run. The same entry and due time always have the same check-in id.

    Only entries declared in code check in: a name typed in the admin may contain personal data.
    """

    def __init__(self, entry: str, moment: datetime) -> None:
        self._entry, self._moment = entry, moment
        self._check_in_id = uuid.uuid5(uuid.NAMESPACE_OID, f"{entry} {moment.isoformat()}").hex
        self._is_reported = reporting.is_on() and entry in _names()
        self._is_monitored = False
        self._monitor: Any = None
        self._began = time.monotonic()

    def start(self, *, again: bool) -> None:
        """Reports the start. again: this is a retry, whose start was already reported."""
        if not self._is_reported:
            return
        rows = PeriodicTask.objects.select_related("interval", "crontab")
        row = rows.filter(name=self._entry).first()
        when = {} if row is None else values_of(row)["when"]
        self._monitor = monitor_of(when)
        self._is_monitored = self._monitor is not None and _is_monitored(when, self._moment)
        if self._is_monitored and not again:
            self._send("in_progress")

    def succeed(self) -> None:
        if self._is_monitored:
            self._send("ok", duration_seconds=time.monotonic() - self._began)

    def fail(self) -> None:
        """Reports a failure, even of a run between two monitored minutes: no reason to wait."""
        if self._is_reported:
            self._send("error", duration_seconds=time.monotonic() - self._began)

    def _send(self, status: Status, duration_seconds: float | None = None) -> None:
        reporting.send_check_in(
            self._entry,
            status,
            check_in_id=self._check_in_id,
            config=self._monitor,
            duration_seconds=duration_seconds,
        )


@cache
def _names() -> frozenset[str]:
    return frozenset(entry.name for entry in declared_entries())


def monitor_of(when: dict[str, Any]) -> dict[str, Any] | None:
    """Sentry's monitor configuration for a schedule; None if Sentry cannot express it."""
    limits = {"checkin_margin": LATE_MINUTES, "max_runtime": LONGEST_MINUTES}
    if "seconds" in when:
        minutes = math.ceil(when["seconds"] / MINUTE_SECONDS)
        return {"schedule": {"type": "interval", "value": minutes, "unit": "minute"}} | limits
    if "minute" in when:
        fields = ("minute", "hour", "day_of_month", "month_of_year", "day_of_week")
        written = {"type": "crontab", "value": " ".join(when[name] for name in fields)}
        return {"schedule": written, "timezone": when["timezone"]} | limits
    return None


def _is_monitored(when: dict[str, Any], moment: datetime) -> bool:
    """Whether this is the first due time of its minute, on the grid that all beats share."""
    every_seconds: int = when.get("seconds", MINUTE_SECONDS)
    return moment.timestamp() % MINUTE_SECONDS < every_seconds
