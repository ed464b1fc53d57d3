"""On whose clock a time is told: the reader's, once he has chosen one, else that of the place."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone


def preferred_zone(user: Any) -> str:
    """The IANA name this person has chosen, or nothing. Costs no query for who is signed in."""
    chosen = getattr(user, "notice_settings", None)
    return chosen.time_zone if chosen else ""


def display_zone(user: Any, of_place: str) -> ZoneInfo:
    """In which this person reads times of a place in that zone."""
    return ZoneInfo(preferred_zone(user) or of_place)


def is_in_other_zone(user: Any, place: str, *, at: datetime | None = None) -> bool:
    """Whether at a moment, now by default, this person's clock shows another time than there."""
    moment = at or timezone.now()
    own, there = (moment.astimezone(zone) for zone in (display_zone(user, place), ZoneInfo(place)))
    return own.utcoffset() != there.utcoffset()
