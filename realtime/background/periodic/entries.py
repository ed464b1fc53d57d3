"""Declaration of periodic tasks. Each AppConfig names its module of entries as `periodic_module`:

ENTRIES = [
    Entry(name="trim-changes", task=task_names.TRIM_CHANGES, when=timedelta(hours=1)),
]

The task function is decorated with `@scheduled` of `realtime.background.periodic.runs`.
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
    """One periodic task and its default schedule, which people may change in the admin.

    name             identifies the entry in the admin and in the database; never change it
    task             Celery name of the task, from the `task_names` module of the app
    when             interval or crontab
    time_zone        zone of the crontab (IANA name); default: settings.TIME_ZONE
    description      one English sentence for operations, marked with gettext_noop
    expires_seconds  a worker drops the message after this; default: the interval, and one hour for
                     a crontab
    """

    name: str
    task: str
    when: timedelta | crontab
    time_zone: str = ""
    description: str = ""
    expires_seconds: int | None = None

    def values(self) -> dict[str, Any]:
        """Values for the schedule table, as JSON-serialisable types."""
        return {
            "task": self.task,
            "when": self._when(),
            "expire_seconds": self.expires_seconds or self._default_expiry(),
            "description": self.description,
        }

    def _when(self) -> dict[str, Any]:
        if isinstance(self.when, timedelta):
            return {"seconds": round(self.when.total_seconds())}
        # Celery keeps the fields as they were written in private attributes only; the public ones
        # are expanded sets, which people could not read in the admin.
        crontab: Any = self.when
        return {
            "minute": str(crontab._orig_minute),
            "hour": str(crontab._orig_hour),
            "day_of_month": str(crontab._orig_day_of_month),
            "month_of_year": str(crontab._orig_month_of_year),
            "day_of_week": str(crontab._orig_day_of_week),
            "timezone": self.time_zone or settings.TIME_ZONE,
        }

    def _default_expiry(self) -> int:
        return round(self.when.total_seconds()) if isinstance(self.when, timedelta) else 3600


def declared_entries() -> Iterator[Entry]:
    """Yields the entries of every installed app whose AppConfig names a `periodic_module`."""
    for config in apps.get_app_configs():
        if module := getattr(config, "periodic_module", None):
            yield from import_module(module).ENTRIES
