"""The time zone in which a reader sees times: their own choice, else the campaign's."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone


def preferred_zone(user: Any) -> str:
    """The IANA name that this person has chosen, or "".

    Takes no query for the signed-in user, whose settings are loaded with the session.
    """
    chosen = getattr(user, "notice_settings", None)
    return chosen.time_zone if chosen else ""


def display_zone(user: Any, campaign_zone: str) -> ZoneInfo:
    """The time zone in which this person reads times of a campaign in `campaign_zone`."""
    return ZoneInfo(preferred_zone(user) or campaign_zone)


def is_in_other_zone(user: Any, campaign_zone: str, *, at: datetime | None = None) -> bool:
    """True if this person's clock and the campaign's differ at `at` (default: now)."""
    moment = at or timezone.now()
    own = moment.astimezone(display_zone(user, campaign_zone))
    local = moment.astimezone(ZoneInfo(campaign_zone))
    return own.utcoffset() != local.utcoffset()


@lru_cache(64)
def zone_of(name: str) -> ZoneInfo:
    """The zone, kept: rows of live lists ask for it thousands of times."""
    return ZoneInfo(name)


def local_day(moment: datetime, time_zone: str) -> date:
    """The day of a moment in this time zone."""
    return moment.astimezone(zone_of(time_zone)).date()
