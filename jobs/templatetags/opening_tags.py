"""How the texts of openings are set."""

from __future__ import annotations

import re

from django import template

register = template.Library()
MARK = re.compile(r"^\s*(?:[-*•·]|\d{1,2}[.、)）])\s*")


@register.filter
def points(text: str) -> list[str]:
    """Its lines, without the marks that people put before them."""
    return [MARK.sub("", line).strip() for line in text.splitlines() if line.strip()]
