"""What the shell of every page asks for: the entries of its top bar, and people's names."""

from __future__ import annotations

from typing import Any

from django import template
from django.urls import reverse
from django.utils import translation
from django.utils.formats import number_format

from interview.models.time_zones import preferred_zone
from project.web.navigation import entries_for
from realtime import display_names
from realtime.background.texts import tray_texts

register = template.Library()


@register.inclusion_tag("shell/navigation.html", takes_context=True)
def navigation(context: template.Context) -> dict[str, Any]:
    """The links of the top bar for the person who looks, the current one marked."""
    request = context["request"]
    here = request.resolver_match.view_name if request.resolver_match else ""
    links = [
        {"url": reverse(entry.page), "label": entry.label, "is_current": here in entry.within}
        for entry in entries_for(request.user)
    ]
    return {"links": links}


@register.inclusion_tag("shell/tray.html", takes_context=True)
def task_tray(context: template.Context) -> dict[str, Any]:
    """The live tray of one's own background work, for whoever is signed in."""
    request = context.get("request")
    if request is None or not getattr(request, "user", None) or not request.user.is_authenticated:
        return {"config": None}
    person = request.user.get_username()
    language = translation.get_language()
    texts, tasks = tray_texts(), reverse("tasks")
    return {"config": {"texts": texts, "language": language, "person": person, "tasks": tasks}}


@register.simple_tag(takes_context=True)
def reader_zone(context: template.Context) -> str:
    """The time zone that the reader has chosen, for scripts; without one their computer's holds."""
    return preferred_zone(getattr(context.get("request"), "user", None))


register.filter(display_names.initials)
register.filter(display_names.display_name)


@register.filter
def number(value: int) -> str:
    """A count as one reads it: 9,000. Only for text: addresses and values stay plain."""
    return number_format(value, force_grouping=True)
