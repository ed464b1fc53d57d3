"""Admin pages of background tasks."""

from __future__ import annotations

from django.contrib import admin
from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _

from monitoring.admin_base import BaseAdmin, ReadOnlyAdminMixin
from realtime.display_names import display_name
from realtime.models import TaskRun


@admin.register(TaskRun)
class TaskRunAdmin(ReadOnlyAdminMixin, BaseAdmin):
    """Task runs, read-only. They are started and cancelled on other pages."""

    list_display = ["title", "state", "person", "steps", "errors", "message", "created_at"]
    list_filter = ["state", "name"]
    list_select_related = ["owner"]
    search_fields = ["title"]
    date_hierarchy = "created_at"

    @admin.display(description=_("started by"), ordering="owner")
    def person(self, run: TaskRun) -> str:
        return display_name(run.owner) if run.owner else "–"

    @admin.display(description=_("steps"))
    def steps(self, run: TaskRun) -> str:
        numbers = (number_format(number, force_grouping=True) for number in (run.done, run.total))
        return " / ".join(numbers)


# Django finds the admin pages of periodic tasks through this import.
import realtime.background.periodic.admin  # noqa: E402, F401
