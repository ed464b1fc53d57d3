"""Words of the interview pages."""

from __future__ import annotations

from datetime import datetime

from django import template
from django.utils.dateparse import parse_datetime

from interview.wording import name_here

register = template.Library()
register.filter(name_here)


@register.filter
def moment(text: str) -> datetime | None:
    """An ISO moment, as events remember it."""
    return parse_datetime(text) if text else None
