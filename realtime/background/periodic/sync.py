"""Writes the declared entries into the table that beat reads and people edit.

Called after every migration and by `manage.py sync_schedule`. InstalledEntry stores the values that
were installed last: a value that is unchanged since then follows the code, one that differs was
edited and is kept. Only people decide whether an entry is enabled.
"""

from __future__ import annotations

import logging
from typing import Any

from django.db import ProgrammingError, connection, transaction
from django_celery_beat.models import (
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
    PeriodicTasks,
)

from realtime.background.periodic.entries import Entry, declared_entries
from realtime.models import InstalledEntry

logger = logging.getLogger(__name__)

SYNC_LOCK = 0x_53_43_48_45_44  # "SCHED"


def after_migration(**kwargs: Any) -> None:
    """Updates the schedule, if its tables exist: `migrate` may stop at an earlier migration."""
    try:
        sync_schedule()
    except ProgrammingError:  # no such table, no such column
        logger.info("Schedule not updated yet: a later migration creates its tables")


@transaction.atomic
def sync_schedule() -> list[str]:
    """Creates new entries, updates unedited values, deletes entries the code no longer declares.

    Returns the names of the changed entries; a second call returns [].
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [SYNC_LOCK])
    wanted = {entry.name: entry for entry in declared_entries()}
    installed = {one.name: one.values for one in InstalledEntry.objects.all()}
    rows = PeriodicTask.objects.select_for_update(of=("self",)).order_by("pk")
    present = {
        row.name: row
        for row in rows.filter(name__in=[*wanted, *installed]).select_related(
            "interval", "crontab", "solar", "clocked"
        )
    }
    changed = [
        name
        for name, entry in wanted.items()
        if _install(entry, present.get(name), installed.get(name))
    ]
    gone = [name for name in installed if name not in wanted]
    PeriodicTask.objects.filter(name__in=gone).delete()
    InstalledEntry.objects.filter(name__in=gone).delete()
    _store_installed(wanted, installed)
    if changed or gone:
        PeriodicTasks.update_changed()
        logger.info("Schedule updated", extra={"entries": [*changed, *gone]})
    return [*changed, *gone]


def _install(entry: Entry, row: PeriodicTask | None, before: dict[str, Any] | None) -> bool:
    """Creates or updates the row of an entry. Returns whether it changed."""
    values = entry.values()
    if row is None:
        _write(PeriodicTask(name=entry.name), values)
        return True
    now = values_of(row)
    # No InstalledEntry: the row is older than that table, and beat used to overwrite such rows.
    known = now if before is None else before
    follows = {
        name: value for name, value in values.items() if now[name] == known.get(name) != value
    }
    if follows:
        _write(row, follows)
    return bool(follows)


def values_of(row: PeriodicTask) -> dict[str, Any]:
    """The values of a row, in the format of `Entry.values`."""
    return {
        "task": row.task,
        "when": _when(row),
        "expire_seconds": row.expire_seconds,
        "description": row.description,
    }


def _when(row: PeriodicTask) -> dict[str, Any]:
    if row.interval is not None:
        return {"seconds": round(row.interval.schedule.run_every.total_seconds())}
    if row.crontab is not None:
        fields = ("minute", "hour", "day_of_month", "month_of_year", "day_of_week")
        values = {name: getattr(row.crontab, name) for name in fields}
        return values | {"timezone": str(row.crontab.timezone)}
    return {"other": str(row.scheduler)}


def _write(row: PeriodicTask, values: dict[str, Any]) -> None:
    plain = dict(values)
    if when := plain.pop("when", None):
        row.interval = row.crontab = row.solar = row.clocked = None
        if "seconds" in when:
            row.interval = _schedule_row(IntervalSchedule, every=when["seconds"], period="seconds")
        else:
            row.crontab = _schedule_row(CrontabSchedule, **when)
    for name, value in plain.items():
        setattr(row, name, value)
    row.save()


def _schedule_row(model: Any, **fields: Any) -> Any:
    """Finds or creates a schedule row. Entries share these rows, and duplicates may exist."""
    return model.objects.filter(**fields).order_by("pk").first() or model.objects.create(**fields)


def _store_installed(wanted: dict[str, Entry], installed: dict[str, Any]) -> None:
    InstalledEntry.objects.bulk_create(
        [
            InstalledEntry(name=name, values=entry.values())
            for name, entry in wanted.items()
            if installed.get(name) != entry.values()
        ],
        update_conflicts=True,
        unique_fields=["name"],
        update_fields=["values"],
    )
