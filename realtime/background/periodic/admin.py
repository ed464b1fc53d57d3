"""The admin of periodic work: operations see what is done when, change it, and read how it went."""

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
    PeriodicTask,
    SolarSchedule,
)

from monitoring.read_only import ReadOnlyAdminMixin
from realtime.background.periodic.labels import description_of, schedule_text
from realtime.models import Heartbeat, InstalledEntry, ScheduledRun

admin.site.unregister([ClockedSchedule, CrontabSchedule, PeriodicTask, SolarSchedule])


@admin.register(PeriodicTask)
class EntryAdmin(library.PeriodicTaskAdmin):
    """Entries of the schedule. What one changes here stays; a deleted entry that the code declares
    is installed again as the code has it.
    """

    change_form_template = None  # the library's has a script in the page, which no page may have
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
        """An entry of the code keeps the name it is known by."""
        is_ours = obj and InstalledEntry.objects.filter(name=obj.name).exists()
        return [*self.readonly_fields, "name"] if is_ours else list(self.readonly_fields)


class CrontabForm(forms.ModelForm):  # type: ignore[type-arg]
    """The library refuses what cannot be read; here also what never comes."""

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
                raise ValidationError(_("There is no such day: it never comes.")) from error
        return cleaned


@admin.register(CrontabSchedule)
class CrontabAdmin(library.CrontabScheduleAdmin):
    """Times of the day, each in its own zone."""

    form = CrontabForm


class ProcessWrittenAdmin(ReadOnlyAdminMixin, admin.ModelAdmin):  # type: ignore[type-arg]  # not generic when it runs
    """There are many, and nobody asks how many of all."""

    show_full_result_count = False


@admin.register(ScheduledRun)
class ScheduledRunAdmin(ProcessWrittenAdmin):
    """What was due, and what came of it."""

    list_display = ["entry", "what", "due", "late", "took", "state", "message"]
    list_filter = ["state", "entry"]

    @admin.display(description=_("what it does"))
    def what(self, run: ScheduledRun) -> str:
        return description_of(run.entry)

    @admin.display(description=_("due at"), ordering="scheduled_for")
    def due(self, run: ScheduledRun) -> str:
        """To the second: some are due every few of them."""
        return f"{timezone.localtime(run.scheduled_for):%Y-%m-%d %H:%M:%S}"

    @admin.display(description=_("late by"))
    def late(self, run: ScheduledRun) -> str:
        return _seconds(run.scheduled_for, run.started_at)

    @admin.display(description=_("took"))
    def took(self, run: ScheduledRun) -> str:
        return _seconds(run.started_at, run.finished_at) if run.finished_at else "–"


@admin.register(Heartbeat)
class HeartbeatAdmin(ProcessWrittenAdmin):
    """Which processes are alive."""

    list_display = ["process", "is_alive", "name", "since", "seen_at"]
    list_filter = ["process", "is_alive"]


def _seconds(start: datetime, end: datetime) -> str:
    return f"{max((end - start).total_seconds(), 0):.2f} s"
