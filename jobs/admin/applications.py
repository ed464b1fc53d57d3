"""The admin of applications and their history."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from jobs.admin.base import (
    LimitedAdmin,
    NotDeleted,
    ReadOnlyInline,
    SearchByCandidateAndJob,
    filter_by_campaign,
)
from jobs.applications import links
from jobs.applications import services as application_services
from jobs.candidates.permissions import foreign_candidate, not_addable
from jobs.models import Application, ApplicationEvent, Campaign, Submission
from jobs.privacy.admin_log import UnnamedInLog
from monitoring.admin_base import ReadOnlyAdminMixin


class ApplicationEventInline(ReadOnlyInline):
    """The history of an application."""

    model = ApplicationEvent
    fields = ["at", "by", "from_stage", "to_stage", "reason"]
    readonly_fields = ["at"]


class SubmissionInline(ReadOnlyInline):
    """The form answers of an online application; they never overwrite an existing candidate."""

    model = Submission
    fields = ["typed", "language", "consent_version", "consented_at"]
    readonly_fields = ["typed"]

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Same permission as for the application."""
        return request.user.has_perm("jobs.view_application")

    @admin.display(description=gettext_lazy("entries"))
    def typed(self, submission: Submission) -> str:
        return " · ".join(str(value) for value in submission.entries.values() if value) or "–"


class ApplicationForm(forms.ModelForm):  # type: ignore[type-arg]
    """Refuses candidates whose other campaigns would have to agree."""

    user: Any = None  # set by the admin

    def clean(self) -> dict[str, Any] | None:
        entered = super().clean() or {}
        candidate, job = entered.get("candidate"), entered.get("job")
        if candidate and job and not_addable(self.user, [candidate], job.campaign):
            self.add_error("candidate", foreign_candidate())
        return entered


@admin.register(Application)
class ApplicationAdmin(SearchByCandidateAndJob, UnnamedInLog, NotDeleted, LimitedAdmin):
    """Applications are created here and moved by actions; their fields cannot be edited."""

    form = ApplicationForm
    list_display = ["candidate", "job", "campaign", "stage", "updated_at"]
    list_filter = [filter_by_campaign("job__campaign"), "stage"]
    list_select_related = ["candidate", "job__campaign"]
    search_fields = ["candidate", "job"]  # shows the field of the search
    autocomplete_fields = ["candidate", "job"]
    fields = ["candidate", "job", "stage"]
    inlines = [ApplicationEventInline, SubmissionInline]
    actions = ["renew_links", "close_links"]

    def get_form(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        form: Any = super().get_form(request, *args, **kwargs)
        form.user = request.user
        return form

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        """A new application has no history and no form answers."""
        return self.inlines if obj else []

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["candidate", "job", "stage"] if obj else ["stage"]

    @admin.action(
        description=gettext_lazy("Private pages: send a new link"), permissions=["change"]
    )
    def renew_links(self, request: HttpRequest, queryset: QuerySet[Application]) -> None:
        for application in queryset:
            links.link_renew(application=application)
        messages.success(request, _("The old links no longer work. New links are being sent."))

    @admin.action(description=gettext_lazy("Private pages: close"), permissions=["change"])
    def close_links(self, request: HttpRequest, queryset: QuerySet[Application]) -> None:
        for application in queryset:
            links.link_close(application=application)
        messages.success(request, _("The private pages were closed."))

    @admin.display(description=gettext_lazy("campaign"), ordering="job__campaign")
    def campaign(self, application: Application) -> Campaign:
        return application.job.campaign

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        if not change:
            created = application_services.application_create(
                candidate=obj.candidate, job=obj.job, by=_person(request)
            )
            obj.pk = created.pk

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Adds an action for each stage."""
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
                application_services.application_move(
                    application=application,
                    to=stage,
                    version=application.version,
                    by=_person(request),
                )
                moved += 1
            except (ValidationError, application_services.StaleVersion) as refusal:
                messages.warning(request, f"{application}: {_reasons(refusal)}")
        messages.success(
            request,
            ngettext("%d application was moved.", "%d applications were moved.", moved) % moved,
        )

    return move


def _reasons(refusal: ValidationError | application_services.StaleVersion) -> str:
    if isinstance(refusal, ValidationError):
        return " ".join(refusal.messages)
    return _("Somebody else has changed it. Reload the page and try again.")


def _person(request: HttpRequest) -> Any:
    return request.user


@admin.register(ApplicationEvent)
class ApplicationEventAdmin(ReadOnlyAdminMixin, LimitedAdmin):
    """The history of all applications."""

    list_display = ["at", "application", "from_stage", "to_stage", "by", "reason"]
    list_filter = [filter_by_campaign("application__job__campaign"), "to_stage"]
    list_select_related = ["application__candidate", "application__job", "by"]
    date_hierarchy = "at"

    def limited(self, rows: Any, user: Any) -> QuerySet[Any]:
        mine: QuerySet[Any] = rows.filter(application__in=Application.objects.visible_to(user))
        return mine
