"""Human-readable schedules and descriptions, for the admin."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django_celery_beat.models import CrontabSchedule, PeriodicTask

from realtime.background.periodic.entries import declared_entries

HOUR, MINUTE = 3600, 60


def schedule_text(entry: PeriodicTask) -> str:
    """The interval or crontab in words, e.g. "every 5 minutes" or "daily at 03:30 (UTC)"."""
    if entry.interval is not None:
        return _every(round(entry.interval.schedule.run_every.total_seconds()))
    if entry.crontab is not None:
        return _at(entry.crontab)
    return str(entry.scheduler)


def _every(seconds: int) -> str:
    if seconds % HOUR == 0:
        count = seconds // HOUR
        text = ngettext("every hour", "every %(count)d hours", count)
    elif seconds % MINUTE == 0:
        count = seconds // MINUTE
        text = ngettext("every minute", "every %(count)d minutes", count)
    else:
        count, text = seconds, ngettext("every second", "every %(count)d seconds", seconds)
    return text % {"count": count}


def _at(crontab: CrontabSchedule) -> str:
    rest = (crontab.day_of_month, crontab.month_of_year, crontab.day_of_week)
    if set(rest) == {"*"} and crontab.hour.isdecimal() and crontab.minute.isdecimal():
        time = f"{int(crontab.hour):02}:{int(crontab.minute):02}"
        return _("daily at %(time)s (%(zone)s)") % {"time": time, "zone": crontab.timezone}
    fields = (crontab.minute, crontab.hour, *rest)
    return f"{' '.join(fields)} ({crontab.timezone})"


def description_of(name: str, description: str = "") -> str:
    """Returns the entry's own description, or else that of the declared entry, translated."""
    known = {entry.name: entry.description for entry in declared_entries()}
    text = description or known.get(name, "")
    return _(text) if text else ""
