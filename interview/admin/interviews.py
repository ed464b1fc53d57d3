"""Read-only admin of interviews, their events and notices, with the notify action."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from interview.admin.notify_action import confirm_and_notify, may_notify
from interview.models import Interview, InterviewAssignment, InterviewEvent, Notification
from jobs.admin.base import (
    LimitedAdmin,
    ReadOnlyInline,
    SearchByCandidateAndJob,
    filter_by_campaign,
)
from jobs.coordinators import is_coordinator
from monitoring.admin_base import ReadOnlyAdminMixin
from realtime.display_names import display_name


class AssignmentInline(ReadOnlyInline):
    """The interviewers and their responses."""

    model = InterviewAssignment
    fields = ["person", "response", "decline_reason", "late_minutes"]
    readonly_fields = ["person"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("interviewer")

    @admin.display(description=_("interviewer"))
    def person(self, assignment: InterviewAssignment) -> str:
        return display_name(assignment.interviewer)


class EventInline(ReadOnlyInline):
    """The events, in chronological order."""

    model = InterviewEvent
    fields = ["at", "action", "person", "source", "from_status", "to_status", "reason", "undone_at"]
    readonly_fields = ["person"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("by")

    @admin.display(description=_("by"))
    def person(self, event: InterviewEvent) -> str:
        return display_name(event.by) if event.by else ""


class NotificationInline(ReadOnlyInline):
    """The notices sent, and when they were read."""

    model = Notification
    fields = ["at", "event", "person", "read_at"]
    readonly_fields = ["person"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("recipient")

    @admin.display(description=_("recipient"))
    def person(self, notice: Notification) -> str:
        return display_name(notice.recipient)


PLAN_SECTION = (
    None,
    {"fields": ["application", "round", "room", "starts_at", "ends_at", "status"]},
)
COURSE_SECTION = (
    _("What happened"),
    {"fields": ["arrived_at", "started_at", "finished_at", "reason", "side"]},
)
SYSTEM_SECTION = (
    _("System data"),
    {"classes": ["collapse"], "fields": ["campaign", "version", "updated_at"]},
)


@admin.register(Interview)
class InterviewAdmin(SearchByCandidateAndJob, ReadOnlyAdminMixin, LimitedAdmin):
    """Shows interviews of the person's campaigns, and those they interview in."""

    list_display = ["candidate", "job", "round", "room", "starts_at", "status", "people"]
    list_filter = [
        filter_by_campaign("campaign"),
        "status",
        ("room", admin.RelatedOnlyFieldListFilter),
        ("round", admin.RelatedOnlyFieldListFilter),
        "starts_at",
    ]
    date_hierarchy = "starts_at"
    ordering = ["-starts_at", "-pk"]
    search_fields = ["candidate", "job"]  # shows the field of the search
    candidate_path = "application__candidate"
    title_path = "application__job__title"
    actions = ["notify_interviewers"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: Any = super().get_queryset(request)
        shown: QuerySet[Any] = rows.for_rows()
        return shown

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        sections = [PLAN_SECTION, COURSE_SECTION]
        return [*sections, SYSTEM_SECTION] if is_coordinator(request.user) else sections

    def get_inlines(self, request: HttpRequest, obj: Any = None) -> Any:
        return [AssignmentInline, EventInline, NotificationInline]

    @admin.display(description=_("candidate"), ordering="application__candidate__pinyin")
    def candidate(self, interview: Interview) -> str:
        return interview.application.candidate.name

    @admin.display(description=_("job"), ordering="application__job__title")
    def job(self, interview: Interview) -> str:
        return interview.application.job.title

    @admin.display(description=_("interviewers"))
    def people(self, interview: Interview) -> str:
        return ", ".join(display_name(a.interviewer) for a in interview.assignment_list())

    def has_notify_interviewers_permission(self, request: HttpRequest) -> bool:
        return may_notify(request.user)

    @admin.action(description=_("Notify interviewers"), permissions=["notify_interviewers"])
    def notify_interviewers(
        self, request: HttpRequest, queryset: QuerySet[Interview]
    ) -> HttpResponse | None:
        """Remind the interviewers of upcoming interviews, after a confirmation page."""
        return confirm_and_notify(self, request, queryset)


@admin.register(InterviewEvent)
class InterviewEventAdmin(ReadOnlyAdminMixin, LimitedAdmin):
    """Shows the events of all visible interviews."""

    list_display = ["at", "interview", "action", "by", "source", "from_status", "to_status"]
    list_filter = [filter_by_campaign("interview__campaign"), "action", "source", "to_status"]
    list_select_related = ["interview", "by"]
    date_hierarchy = "at"

    def limited(self, rows: Any, user: Any) -> QuerySet[Any]:
        mine: QuerySet[Any] = rows.filter(interview__in=Interview.objects.visible_to(user))
        return mine


@admin.register(Notification)
class NotificationAdmin(ReadOnlyAdminMixin, LimitedAdmin):
    """Shows the in-app notices of all visible interviews."""

    list_display = ["at", "event", "recipient", "interview", "read_at"]
    list_filter = ["event"]
    list_select_related = ["recipient", "interview"]
    date_hierarchy = "at"

    def limited(self, rows: Any, user: Any) -> QuerySet[Any]:
        mine: QuerySet[Any] = rows.filter(interview__in=Interview.objects.visible_to(user))
        return mine
