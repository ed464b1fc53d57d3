"""The admin of campaigns, their members and jobs."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from jobs.admin.base import LimitedAdmin, NotDeleted, filter_by_campaign
from jobs.models import Campaign, CampaignMember, Job


class MemberInline(admin.TabularInline):  # type: ignore[type-arg]  # not generic when it runs
    """The members of a campaign."""

    model = CampaignMember
    extra = 0


@admin.register(Campaign)
class CampaignAdmin(NotDeleted, LimitedAdmin):
    """Campaigns with their members."""

    list_display = ["name", "slug", "city", "time_zone", "starts_on", "is_open"]
    list_filter = ["is_open"]
    search_fields = ["name", "slug", "city"]
    inlines = [MemberInline]

    def limited(self, rows: Any, user: Any) -> QuerySet[Any]:
        coordinated: QuerySet[Any] = rows.coordinated_by(user)
        return coordinated

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """The slug cannot be changed: people have bookmarked addresses with it."""
        return ["slug"] if obj else []


@admin.register(Job)
class JobAdmin(LimitedAdmin):
    """Jobs, with actions to publish and unpublish many at once."""

    list_display = [
        "title",
        "campaign",
        "department",
        "kind",
        "headcount",
        "is_published",
        "is_confidential",
        "applicants",
    ]
    list_filter = [
        filter_by_campaign("campaign"),
        "kind",
        "is_published",
        "is_confidential",
    ]
    list_select_related = ["campaign"]
    search_fields = ["title", "department"]
    actions = ["publish", "unpublish"]
    fieldsets = [
        (None, {"fields": ["title", "campaign", "department", "city", "kind", "headcount"]}),
        (_("Description"), {"fields": ["responsibilities", "requirements"]}),
        (_("Visibility"), {"fields": ["is_published", "is_confidential"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)
        counted: QuerySet[Any] = rows.annotate(applicant_count=Count("applications"))
        return counted

    @admin.display(description=_("applications"), ordering="applicant_count")
    def applicants(self, job: Any) -> int:
        return int(job.applicant_count)

    @admin.action(description=_("Publish"), permissions=["change"])
    def publish(self, request: HttpRequest, queryset: QuerySet[Job]) -> None:
        confidential = queryset.filter(is_confidential=True).count()
        if confidential:
            messages.warning(
                request,
                ngettext(
                    "%d confidential job stays hidden from visitors.",
                    "%d confidential jobs stay hidden from visitors.",
                    confidential,
                )
                % confidential,
            )
        self._set_published(request, queryset, is_published=True)

    @admin.action(description=_("Withdraw from the public list"), permissions=["change"])
    def unpublish(self, request: HttpRequest, queryset: QuerySet[Job]) -> None:
        self._set_published(request, queryset, is_published=False)

    def _set_published(
        self, request: HttpRequest, queryset: QuerySet[Job], *, is_published: bool
    ) -> None:
        changing = Job.objects.filter(pk__in=queryset.values("pk")).exclude(
            is_published=is_published
        )
        changed = changing.update(is_published=is_published, updated_at=timezone.now())
        messages.success(
            request, ngettext("%d job was changed.", "%d jobs were changed.", changed) % changed
        )
