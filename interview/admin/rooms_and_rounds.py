"""Admin of rooms, and of interview rounds with their criteria."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from interview import services
from interview.models import Criterion, Room, RoundTemplate
from interview.services.transitions import Actor
from jobs.admin.base import LimitedAdmin, NotDeleted, filter_by_campaign
from jobs.models import Campaign
from jobs.models.access import may_see_everything


@admin.register(Room)
class RoomAdmin(NotDeleted, LimitedAdmin):
    """Saves through a service, so that boards show the change at once."""

    list_display = ["name", "campaign", "kind", "directions", "position", "is_active"]
    list_filter = [filter_by_campaign("campaign"), "kind", "is_active"]
    list_select_related = ["campaign"]
    search_fields = ["name", "directions"]

    def limited(self, rows: Any, user: Any) -> QuerySet[Any]:
        mine: QuerySet[Any] = rows.filter(campaign__in=Campaign.objects.coordinated_by(user))
        return mine

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if db_field.name == "meeting_url":
            kwargs["assume_scheme"] = "https"
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        user: Any = request.user
        services.room_save(room=obj, actor=Actor(user=user, source="admin"))


class CriterionInline(admin.TabularInline):  # type: ignore[type-arg]  # not generic when it runs
    """The scoring criteria of a round."""

    model = Criterion
    extra = 0


@admin.register(RoundTemplate)
class RoundTemplateAdmin(NotDeleted, LimitedAdmin):
    """Rounds of the person's campaigns, and shared rounds, which only superusers may change."""

    list_display = ["number", "name", "name_en", "duration_minutes", "campaign"]
    list_select_related = ["campaign"]
    inlines = [CriterionInline]

    def limited(self, rows: Any, user: Any) -> QuerySet[Any]:
        mine: QuerySet[Any] = rows.filter(
            Q(campaign=None) | Q(campaign__in=Campaign.objects.coordinated_by(user))
        )
        return mine

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        is_shared = obj is not None and obj.campaign_id is None
        if is_shared and not may_see_everything(request.user):
            return False
        return super().has_change_permission(request, obj)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Require a campaign, except from people who may create shared rounds."""
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if db_field.name == "campaign" and not may_see_everything(request.user):
            field.required = True
        return field
