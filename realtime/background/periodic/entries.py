"""Declarations of periodic tasks. Each AppConfig names its list as `periodic_module`:

ENTRIES = [
    Entry(name="trim-changes", task="realtime.tasks.trim_changes", when=timedelta(hours=1)),
]

The task is a function under `@scheduled` of `realtime.background.periodic.runs`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from importlib import import_module
from typing import Any

from celery.schedules import crontab
from django.apps import apps
from django.conf import settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Periodic work as the code wishes it. When it is done, people may change in the admin.

    name             how people know it; it never changes
    task             the full name of a task
    when             every so often, or at the times of a crontab
    time_zone        of the crontab (IANA name); empty: that of the settings
    description      what it does, in one sentence for operations: English, marked for translation
    expires_seconds  a worker that gets to it later drops it; by default the interval, and for a
                     crontab an hour
    """

    name: str
    task: str
    when: timedelta | crontab
    time_zone: str = ""
    description: str = ""
    expires_seconds: int | None = None

    def values(self) -> dict[str, Any]:
        """What is written into the table, as plain JSON values."""
        return {
            "task": self.task,
            "when": self._when(),
            "expire_seconds": self.expires_seconds or self._default_expiry(),
            "description": self.description,
        }

    def _when(self) -> dict[str, Any]:
        if isinstance(self.when, timedelta):
            return {"seconds": round(self.when.total_seconds())}
        written: Any = self.when  # celery keeps the words under these names only
        return {
            "minute": str(written._orig_minute),
            "hour": str(written._orig_hour),
            "day_of_month": str(written._orig_day_of_month),
            "month_of_year": str(written._orig_month_of_year),
            "day_of_week": str(written._orig_day_of_week),
            "timezone": self.time_zone or settings.TIME_ZONE,
        }

    def _default_expiry(self) -> int:
        return round(self.when.total_seconds()) if isinstance(self.when, timedelta) else 3600


def declared_entries() -> Iterator[Entry]:
    """Yields the entries of every installed app whose AppConfig names a `periodic_module`."""
    for config in apps.get_app_configs():
        if module := getattr(config, "periodic_module", None):
            yield from import_module(module).ENTRIES
