"""Template filters for the texts of openings."""

from __future__ import annotations

import re

from django import template

register = template.Library()
BULLET = re.compile(r"^\s*(?:[-*•·]|\d{1,2}[.、)）])\s*")


@register.filter
def points(text: str) -> list[str]:
    """Returns the non-empty lines, without bullets or numbers at their start.

    "- Python\\n2. Django" → ["Python", "Django"]
    """
    return [BULLET.sub("", line).strip() for line in text.splitlines() if line.strip()]
