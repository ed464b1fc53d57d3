"""Admin pages for the schedule: entries and times to edit, runs and processes to read."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_celery_beat import admin as library
from django_celery_beat.models import (
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
    SolarSchedule,
)

from monitoring.admin_base import BaseAdmin, ReadOnlyAdminMixin
from realtime.background.periodic.labels import description_of, schedule_text
from realtime.models import Heartbeat, InstalledEntry, ScheduledRun

admin.site.unregister(
    [ClockedSchedule, CrontabSchedule, IntervalSchedule, PeriodicTask, SolarSchedule]
)


@admin.register(PeriodicTask)
class EntryAdmin(BaseAdmin, library.PeriodicTaskAdmin):
    """Schedule entries. Edits are kept across releases; a deleted entry that the code declares is
    created again by the next migration.
    """

    change_form_template = None  # the library's has an inline script, which our CSP forbids
    date_hierarchy = None
    list_display = ["entry", "what", "when", "enabled", "last_run_at"]
    list_filter = ["enabled"]
    list_select_related = ["interval", "crontab", "solar", "clocked"]
    fieldsets = [
        (None, {"fields": ["name", "regtask", "task", "enabled", "description"]}),
        (_("Time"), {"fields": ["interval", "crontab", "last_run_at"]}),
        (_("Details"), {"fields": ["expire_seconds", "queue", "args", "kwargs"]}),
    ]
    readonly_fields = ["last_run_at"]

    @admin.display(description=_("entry"), ordering="name")
    def entry(self, entry: PeriodicTask) -> str:
        return str(entry.name)

    @admin.display(description=_("what it does"))
    def what(self, entry: PeriodicTask) -> str:
        return description_of(entry.name, entry.description)

    @admin.display(description=_("when"))
    def when(self, entry: PeriodicTask) -> str:
        return schedule_text(entry)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Makes the name of a declared entry read-only: the code finds the entry by it."""
        is_declared = obj and InstalledEntry.objects.filter(name=obj.name).exists()
        return [*self.readonly_fields, "name"] if is_declared else list(self.readonly_fields)


class CrontabForm(forms.ModelForm):  # type: ignore[type-arg]
    """Also rejects a crontab that never occurs, such as 30 February; the library accepts it."""

    class Meta:
        model = CrontabSchedule
        exclude: tuple[str, ...] = ()

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if not self.errors:
            try:
                schedule = CrontabSchedule(**cleaned).schedule
                schedule.remaining_delta(schedule.nowfunc())
            except (RuntimeError, ValueError) as error:
                raise ValidationError(_("This date never occurs. Choose another day.")) from error
        return cleaned


@admin.register(CrontabSchedule)
class CrontabAdmin(BaseAdmin, library.CrontabScheduleAdmin):
    """Crontab schedules, each with its own time zone."""

    form = CrontabForm


@admin.register(IntervalSchedule)
class IntervalAdmin(BaseAdmin, library.IntervalScheduleAdmin):
    """Intervals of the schedule."""


class ProcessWrittenAdmin(ReadOnlyAdminMixin, BaseAdmin):
    """Read-only list of rows that processes write."""


@admin.register(ScheduledRun)
class ScheduledRunAdmin(ProcessWrittenAdmin):
    """Runs of schedule entries: when they were due, and how they ended."""

    list_display = ["entry", "what", "due", "late", "took", "state", "message"]
    list_filter = ["state", "entry"]

    @admin.display(description=_("what it does"))
    def what(self, run: ScheduledRun) -> str:
        return description_of(run.entry)

    @admin.display(description=_("due at"), ordering="scheduled_for")
    def due(self, run: ScheduledRun) -> str:
        """Due time with seconds, because some entries are due every few seconds."""
        return f"{timezone.localtime(run.scheduled_for):%Y-%m-%d %H:%M:%S}"

    @admin.display(description=_("late by"))
    def late(self, run: ScheduledRun) -> str:
        return _seconds(run.scheduled_for, run.started_at)

    @admin.display(description=_("took"))
    def took(self, run: ScheduledRun) -> str:
        return _seconds(run.started_at, run.finished_at) if run.finished_at else "–"


@admin.register(Heartbeat)
class HeartbeatAdmin(ProcessWrittenAdmin):
    """Heartbeats of relay, beat and worker processes."""

    list_display = ["process", "is_alive", "name", "since", "seen_at"]
    list_filter = ["process", "is_alive"]


def _seconds(start: datetime, end: datetime) -> str:
    return f"{max((end - start).total_seconds(), 0):.2f} s"
