"""Due times of schedule entries. They are on a fixed grid, so all beats compute the same ones."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from celery.schedules import crontab

LOOKBACKS = (timedelta(hours=1), timedelta(days=1), timedelta(days=32))


def latest_interval_time(every: timedelta, now: datetime) -> datetime:
    """The latest multiple of `every` since 1970-01-01 UTC that is not after `now`."""
    seconds = every.total_seconds()
    return datetime.fromtimestamp(now.timestamp() // seconds * seconds, UTC)


def latest_crontab_time(schedule: crontab, after: datetime, now: datetime) -> datetime:
    """The latest time of the crontab up to `now`; requires that one after `after` has passed.

    Earlier missed times are skipped: after an hour without beat there is one run, not sixty.
    """
    due = _first_within(schedule, after, now)
    while due < (following := next_crontab_time(schedule, due)) <= now:
        due = following
    return due


def _first_within(schedule: crontab, after: datetime, now: datetime) -> datetime:
    """A due time close enough to `now` that few steps remain, however long beat was down."""
    for lookback in LOOKBACKS:
        due = next_crontab_time(schedule, max(after, now - lookback))
        if due <= now:
            return due
    return next_crontab_time(schedule, after)


def next_crontab_time(schedule: crontab, moment: datetime) -> datetime:
    """The next time of the crontab after `moment`, computed in the crontab's zone, as UTC.

    A time in the hour skipped by daylight saving moves one hour later; of a time that occurs twice
    in autumn, the first one counts.
    """
    start, delta, _now = schedule.remaining_delta(moment)
    due: datetime = start + delta
    return due.astimezone(UTC)
