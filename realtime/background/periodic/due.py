"""Which moment it is that is due. Two beats that look at the same entry find the same one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from celery.schedules import crontab

LOOKBACKS = (timedelta(hours=1), timedelta(days=1), timedelta(days=32))


def latest_interval_time(every: timedelta, now: datetime) -> datetime:
    """The last moment of a grid that is the same for everybody: counted from 1970, in UTC."""
    seconds = every.total_seconds()
    return datetime.fromtimestamp(now.timestamp() // seconds * seconds, UTC)


def latest_crontab_time(schedule: crontab, after: datetime, now: datetime) -> datetime:
    """The last time up to now that the crontab names, where one after `after` has passed.

    What was missed before that is not made up for: after an hour's silence there is one.
    """
    due = _first_within(schedule, after, now)
    while due < (following := next_crontab_time(schedule, due)) <= now:
        due = following
    return due


def _first_within(schedule: crontab, after: datetime, now: datetime) -> datetime:
    """A start near enough to now that few steps remain, whatever has been missed."""
    for reach in LOOKBACKS:
        due = next_crontab_time(schedule, max(after, now - reach))
        if due <= now:
            return due
    return next_crontab_time(schedule, after)


def next_crontab_time(schedule: crontab, moment: datetime) -> datetime:
    """The next time the crontab names, in its own zone.

    An hour that the clocks leave out is made up for an hour later; of one that comes twice, the
    first counts.
    """
    start, delta, _now = schedule.remaining_delta(moment)
    due: datetime = start + delta
    return due.astimezone(UTC)
