"""Words of the interview pages."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import template
from django.utils.dateparse import parse_datetime

from interview.models.labels import localized_name
from interview.models.time_zones import is_in_other_zone
from jobs.models import Campaign

register = template.Library()
register.filter(localized_name)


@register.inclusion_tag("interview/place_clock.html", takes_context=True)
def place_clock(context: template.Context, campaign: Campaign) -> dict[str, Any]:
    """Where days are planned, the clock of the place counts: said to those who live by another."""
    here = is_in_other_zone(context["request"].user, campaign.time_zone)
    return {"zone": campaign.time_zone if here else ""}


@register.filter
def moment(text: str) -> datetime | None:
    """An ISO moment, as events remember it."""
    return parse_datetime(text) if text else None
