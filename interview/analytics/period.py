"""Whose figures are wanted, and of which days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q

from jobs.models import Campaign


@dataclass(frozen=True, slots=True)
class Period:
    """Days of a campaign, on the clock of its place; both are part of it."""

    campaign: Campaign
    since: date
    until: date

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.campaign.time_zone)

    @property
    def days(self) -> int:
        return (self.until - self.since).days + 1

    def holds(self, moment: str) -> Q:
        """Rows whose field of this name is a moment of the period."""
        begins, ends = self._begin(self.since), self._begin(self.until + timedelta(days=1))
        return Q(**{f"{moment}__gte": begins, f"{moment}__lt": ends})

    def _begin(self, day: date) -> datetime:
        return datetime.combine(day, time(), tzinfo=self.zone)
