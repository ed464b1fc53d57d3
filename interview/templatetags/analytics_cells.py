"""Figures in cells: numbers as the reader writes them, a dash for what there is not."""

from __future__ import annotations

from django import template
from django.utils.formats import number_format

register = template.Library()


@register.filter
def is_figure(value: object) -> bool:
    """Whether it stands in a column of numbers, were it a missing one."""
    return value is None or isinstance(value, int | float)


@register.filter
def figure(value: object) -> object:
    """Counts whole, measures to the tenth, words as they are."""
    if value is None:
        return "–"
    if isinstance(value, float):
        return number_format(value, decimal_pos=1)
    return value
