"""The admin of periodic work: operations see what is done when, change it, and read how it went."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django_celery_beat import admin as library
from django_celery_beat.models import (
    ClockedSchedule,
    CrontabSchedule,
    PeriodicTask,
    SolarSchedule,
)

from realtime.scheduling.models import Heartbeat, InstalledEntry, ScheduledRun

admin.site.unregister([ClockedSchedule, CrontabSchedule, PeriodicTask, SolarSchedule])


@admin.register(PeriodicTask)
class EntryAdmin(library.PeriodicTaskAdmin):
    """Entries of the schedule. What one changes here stays; a deleted entry that the code declares
    is installed again as the code has it.
    """

    date_hierarchy = None
    list_display = ["name", "enabled", "scheduler", "last_run_at", "expire_seconds"]
    list_filter = ["enabled"]
    list_select_related = ["interval", "crontab", "solar", "clocked"]
    fieldsets = [
        (None, {"fields": ["name", "regtask", "task", "enabled", "description"]}),
        (_("Time"), {"fields": ["interval", "crontab", "last_run_at"]}),
        (_("Details"), {"fields": ["expire_seconds", "queue", "args", "kwargs"]}),
    ]
    readonly_fields = ["last_run_at"]

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


class LookOnly(admin.ModelAdmin):  # type: ignore[type-arg]  # not generic when it runs
    """Records that processes write."""

    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(ScheduledRun)
class ScheduledRunAdmin(LookOnly):
    """What was due, and what came of it."""

    list_display = ["entry", "scheduled_for", "state", "started_at", "finished_at", "message"]
    list_filter = ["state", "entry"]


@admin.register(Heartbeat)
class HeartbeatAdmin(LookOnly):
    """Which processes are alive."""

    list_display = ["process", "name", "is_alive", "since", "seen_at"]
    list_filter = ["process", "is_alive"]
