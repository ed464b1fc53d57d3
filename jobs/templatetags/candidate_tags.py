"""Template filters for candidates."""

from __future__ import annotations

from django import template

from jobs.candidates.degrees import degree_label

register = template.Library()
register.filter(degree_label)
