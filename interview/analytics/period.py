"""The period a report covers: a campaign and a range of days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q

from jobs.models import Campaign


@dataclass(frozen=True, slots=True)
class Period:
    """Days `since` to `until`, both inclusive, in the campaign's time zone."""

    campaign: Campaign
    since: date
    until: date

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.campaign.time_zone)

    @property
    def days(self) -> int:
        return (self.until - self.since).days + 1

    def contains(self, field: str) -> Q:
        """Returns a filter for rows whose date-time field `field` lies within the period."""
        begins, ends = self._begin(self.since), self._begin(self.until + timedelta(days=1))
        return Q(**{f"{field}__gte": begins, f"{field}__lt": ends})

    def _begin(self, day: date) -> datetime:
        return datetime.combine(day, time(), tzinfo=self.zone)
