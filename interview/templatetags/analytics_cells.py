"""Filters that format the cells of the analytics tables."""

from __future__ import annotations

from django import template
from django.utils.formats import number_format

register = template.Library()


@register.filter
def is_figure(value: object) -> bool:
    """True if the value is a number or missing (None), and so belongs in a column of numbers."""
    return value is None or isinstance(value, int | float)


@register.filter
def figure(value: object) -> object:
    """Formats a float with one decimal in the reader's locale, None as a dash; others unchanged."""
    if value is None:
        return "–"
    if isinstance(value, float):
        return number_format(value, decimal_pos=1)
    return value
