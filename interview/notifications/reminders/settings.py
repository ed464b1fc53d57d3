"""How each campaign wishes to remind, read once for all of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q

from interview.models import ReminderSettings
from interview.notifications.reminders.due import Window
from interview.notifications.reminders.working_days import Rhythm
from jobs.models import Campaign, CampaignMember


@dataclass(frozen=True, slots=True)
class Wishes:
    """The settings of the campaigns that have their own, and those of all others."""

    own: dict[int, ReminderSettings]
    otherwise: ReminderSettings

    @classmethod
    def read(cls) -> Wishes:
        return cls({one.campaign_id: one for one in ReminderSettings.objects.all()}, _new())

    def of(self, campaign_id: int) -> ReminderSettings:
        return self.own.get(campaign_id, self.otherwise)

    def starting(self, window: Window) -> Q:
        """Interviews of which some reminder's moment lies in the window."""
        by_offset: dict[timedelta, list[int]] = defaultdict(list)
        for campaign_id, one in self.own.items():
            for offset in one.offsets:
                by_offset[offset].append(campaign_id)
        others = ~Q(campaign__in=list(self.own))
        chosen = [(offset, Q(campaign__in=ids)) for offset, ids in by_offset.items()]
        found = Q(pk__in=[])
        for offset, where in [*chosen, *((each, others) for each in self.otherwise.offsets)]:
            begins = (window.since + offset, window.until + offset)
            found |= where & Q(starts_at__gte=begins[0], starts_at__lt=begins[1])
        return found

    def rhythm(self, campaign: Campaign) -> Rhythm:
        """How this campaign asks for scorecards."""
        wish = self.of(campaign.pk)
        zone = ZoneInfo(campaign.time_zone)
        return Rhythm(wish.country, zone, wish.daily_at, wish.days_before_escalation)


def _new() -> ReminderSettings:
    return ReminderSettings()


def coordinators_of(campaigns: Iterable[int]) -> dict[int, list[int]]:
    """User ids of those who coordinate these campaigns and may sign in, by campaign: one query."""
    members = CampaignMember.objects.filter(
        campaign__in=set(campaigns), role=CampaignMember.Role.COORDINATOR, user__is_active=True
    )
    people: dict[int, list[int]] = defaultdict(list)
    for campaign_id, user_id in members.order_by("pk").values_list("campaign", "user"):
        people[campaign_id].append(user_id)
    return people
