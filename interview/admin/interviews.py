"""Interviews and their histories, to be looked up, and the people who are to be told."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from interview.admin.notify_action import may_notify, notify_first_asking
from interview.models import Interview, InterviewAssignment, InterviewEvent, Notification
from jobs.admin.base import LimitedAdmin, ReadOnlyInline, filter_by_campaign, is_coordinator
from monitoring.read_only import ReadOnlyAdminMixin
from realtime.display_names import display_name


class AssignmentInline(ReadOnlyInline):
    """Who interviews, and what they answered."""

    model = InterviewAssignment
    fields = ["person", "response", "decline_reason", "late_minutes"]
    readonly_fields = ["person"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("interviewer")

    @admin.display(description=_("interviewer"))
    def person(self, assignment: InterviewAssignment) -> str:
        return display_name(assignment.interviewer)


class EventInline(ReadOnlyInline):
    """What happened, in its order."""

    model = InterviewEvent
    fields = ["at", "action", "person", "source", "from_status", "to_status", "reason", "undone_at"]
    readonly_fields = ["person"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("by")

    @admin.display(description=_("by"))
    def person(self, event: InterviewEvent) -> str:
        return display_name(event.by) if event.by else ""


class NotificationInline(ReadOnlyInline):
    """Who was told what, and has read it."""

    model = Notification
    fields = ["at", "event", "person", "read_at"]
    readonly_fields = ["person"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("recipient")

    @admin.display(description=_("recipient"))
    def person(self, notice: Notification) -> str:
        return display_name(notice.recipient)


PLAN = (None, {"fields": ["application", "round", "room", "starts_at", "ends_at", "status"]})
COURSE = (
    _("What happened"),
    {"fields": ["arrived_at", "started_at", "finished_at", "reason", "side"]},
)
RECORD = (_("Record"), {"classes": ["collapse"], "fields": ["campaign", "version", "updated_at"]})


@admin.register(Interview)
class InterviewAdmin(ReadOnlyAdminMixin, LimitedAdmin):
    """Interviews of one's campaigns, or one's own."""

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
    search_fields = [
        "application__candidate__name",
        "application__candidate__pinyin",
        "application__candidate__initials",
        "application__job__title",
    ]
    actions = ["notify_interviewers"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: Any = super().get_queryset(request)
        shown: QuerySet[Any] = rows.for_rows()
        return shown

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        sections = [PLAN, COURSE]
        return [*sections, RECORD] if is_coordinator(request.user) else sections

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
        """Remind those who still take part in what is still to come; says first whom."""
        return notify_first_asking(self, request, queryset)


@admin.register(InterviewEvent)
class InterviewEventAdmin(ReadOnlyAdminMixin, LimitedAdmin):
    """What happened on interview days, across all of them."""

    list_display = ["at", "interview", "action", "by", "source", "from_status", "to_status"]
    list_filter = [filter_by_campaign("interview__campaign"), "action", "source", "to_status"]
    list_select_related = ["interview", "by"]
    date_hierarchy = "at"

    def limited(self, rows: Any, user: Any) -> QuerySet[Any]:
        mine: QuerySet[Any] = rows.filter(interview__in=Interview.objects.visible_to(user))
        return mine


@admin.register(Notification)
class NotificationAdmin(ReadOnlyAdminMixin, LimitedAdmin):
    """Who was told what."""

    list_display = ["at", "event", "recipient", "interview", "read_at"]
    list_filter = ["event"]
    list_select_related = ["recipient", "interview"]
    date_hierarchy = "at"

    def limited(self, rows: Any, user: Any) -> QuerySet[Any]:
        mine: QuerySet[Any] = rows.filter(interview__in=Interview.objects.visible_to(user))
        return mine
