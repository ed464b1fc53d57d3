"""Reminder settings of all campaigns, read once per sweep, and the coordinators of campaigns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q

from interview.models import ReminderSettings
from interview.notifications.reminders.due import Window
from interview.notifications.reminders.working_days import WorkdaySchedule
from jobs.models import Campaign, CampaignMember


@dataclass(frozen=True, slots=True)
class ReminderPolicy:
    """Settings by campaign id, and the default for campaigns without their own."""

    by_campaign: dict[int, ReminderSettings]
    default: ReminderSettings

    @classmethod
    def read(cls) -> ReminderPolicy:
        by_campaign = {one.campaign_id: one for one in ReminderSettings.objects.all()}
        return cls(by_campaign, ReminderSettings())

    def of(self, campaign_id: int) -> ReminderSettings:
        return self.by_campaign.get(campaign_id, self.default)

    def due_in(self, window: Window) -> Q:
        """Condition for interviews with a reminder whose time is in the window."""
        by_offset: dict[timedelta, list[int]] = defaultdict(list)
        for campaign_id, one in self.by_campaign.items():
            for offset in one.offsets:
                by_offset[offset].append(campaign_id)
        others = ~Q(campaign__in=list(self.by_campaign))
        of_campaigns = [(offset, Q(campaign__in=ids)) for offset, ids in by_offset.items()]
        of_others = [(offset, others) for offset in self.default.offsets]
        due = Q(pk__in=[])
        for offset, where in [*of_campaigns, *of_others]:
            since, until = window.since + offset, window.until + offset
            due |= where & Q(starts_at__gte=since, starts_at__lt=until)
        return due

    def schedule(self, campaign: Campaign) -> WorkdaySchedule:
        """Schedule of the campaign's scorecard reminders."""
        own = self.of(campaign.pk)
        zone = ZoneInfo(campaign.time_zone)
        return WorkdaySchedule(own.country, zone, own.daily_at, own.days_before_escalation)


def coordinators_of(campaigns: Iterable[int]) -> dict[int, list[int]]:
    """Ids of active users who coordinate these campaigns, by campaign id. One query."""
    members = CampaignMember.objects.filter(
        campaign__in=set(campaigns), role=CampaignMember.Role.COORDINATOR, user__is_active=True
    )
    people: dict[int, list[int]] = defaultdict(list)
    for campaign_id, user_id in members.order_by("pk").values_list("campaign", "user"):
        people[campaign_id].append(user_id)
    return people
