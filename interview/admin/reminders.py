"""Admin of the reminder settings of each campaign."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet

from interview.models import ReminderSettings
from jobs.admin.base import LimitedAdmin, filter_by_campaign
from jobs.models import Campaign


@admin.register(ReminderSettings)
class ReminderSettingsAdmin(LimitedAdmin):
    """Campaigns without an entry remind a day, an hour and ten minutes before an interview."""

    list_display = ["campaign", "minutes_before", "country", "daily_at", "digest_at"]
    list_filter = [filter_by_campaign("campaign")]
    list_select_related = ["campaign"]

    def limited(self, rows: Any, user: Any) -> QuerySet[Any]:
        mine: QuerySet[Any] = rows.filter(campaign__in=Campaign.objects.coordinated_by(user))
        return mine
