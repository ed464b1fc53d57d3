"""Applications, made and moved through the services, and their history."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from jobs import services
from jobs.admin.base import LimitedAdmin, NotDeleted, ReadOnly, ReadOnlyInline, filter_by_campaign
from jobs.models import Application, ApplicationEvent, Campaign


class ApplicationEventInline(ReadOnlyInline):
    """How far the application has come, step by step."""

    model = ApplicationEvent
    fields = ["at", "by", "from_stage", "to_stage", "reason"]
    readonly_fields = ["at"]


@admin.register(Application)
class ApplicationAdmin(NotDeleted, LimitedAdmin):
    """Applications: made here, moved by actions, never overwritten."""

    list_display = ["candidate", "job", "campaign", "stage", "updated_at"]
    list_filter = [filter_by_campaign("job__campaign"), "stage"]
    list_select_related = ["candidate", "job__campaign"]
    search_fields = ["candidate__name", "candidate__pinyin", "job__title"]
    autocomplete_fields = ["candidate", "job"]
    fields = ["candidate", "job", "stage"]
    inlines = [ApplicationEventInline]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["candidate", "job", "stage"] if obj else ["stage"]

    @admin.display(description=gettext_lazy("campaign"), ordering="job__campaign")
    def campaign(self, application: Application) -> Campaign:
        return application.job.campaign

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        if not change:
            made = services.application_create(
                candidate=obj.candidate, job=obj.job, by=_person(request)
            )
            obj.pk = made.pk

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """One action for each stage an application can be moved to."""
        actions: dict[str, Any] = super().get_actions(request)
        if self.has_change_permission(request):
            for stage in Application.Stage:
                name = f"move_to_{stage.value}"
                label = _("Move to: %(stage)s") % {"stage": stage.label}
                actions[name] = (_mover(stage), name, label)
        return actions


def _mover(stage: Application.Stage) -> Callable[[Any, HttpRequest, QuerySet[Application]], None]:
    def move(model_admin: Any, request: HttpRequest, queryset: QuerySet[Application]) -> None:
        moved = 0
        for application in queryset.select_related("candidate", "job"):
            try:
                services.application_move(
                    application=application,
                    to=stage,
                    version=application.version,
                    by=_person(request),
                )
                moved += 1
            except (ValidationError, services.StaleVersion) as refusal:
                messages.warning(request, f"{application}: {_reasons(refusal)}")
        messages.success(
            request,
            ngettext("%d application was moved.", "%d applications were moved.", moved) % moved,
        )

    return move


def _reasons(refusal: ValidationError | services.StaleVersion) -> str:
    if isinstance(refusal, ValidationError):
        return " ".join(refusal.messages)
    return _("Somebody has changed it meanwhile; look again.")


def _person(request: HttpRequest) -> Any:
    return request.user


@admin.register(ApplicationEvent)
class ApplicationEventAdmin(ReadOnly, LimitedAdmin):
    """What happened to applications, across all of them."""

    list_display = ["at", "application", "from_stage", "to_stage", "by", "reason"]
    list_filter = [filter_by_campaign("application__job__campaign"), "to_stage"]
    list_select_related = ["application__candidate", "application__job", "by"]
    date_hierarchy = "at"

    def limited(self, rows: Any, user: Any) -> QuerySet[Any]:
        mine: QuerySet[Any] = rows.filter(application__in=Application.objects.visible_to(user))
        return mine
