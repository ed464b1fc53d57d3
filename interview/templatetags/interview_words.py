"""Template tags of the interview pages: round names, time zone notes, ISO date-times."""

from __future__ import annotations

from typing import Any

from django import template

from interview.models.labels import localized_name
from interview.models.time_zones import is_in_other_zone
from jobs.models import Campaign

register = template.Library()
register.filter(localized_name)


@register.inclusion_tag("interview/place_clock.html", takes_context=True)
def place_clock(context: template.Context, campaign: Campaign) -> dict[str, Any]:
    """Shows the campaign's time zone if it differs from the user's, since schedules use it."""
    here = is_in_other_zone(context["request"].user, campaign.time_zone)
    return {"zone": campaign.time_zone if here else ""}
