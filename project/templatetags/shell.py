"""Template tags of the page layout: top bar, task tray, time zone, names and numbers."""

from __future__ import annotations

from typing import Any

from django import template
from django.contrib.staticfiles.storage import staticfiles_storage
from django.urls import reverse
from django.utils import translation
from django.utils.formats import number_format

from interview.models.time_zones import preferred_zone
from project.web.navigation import entries_for
from project.web.script_modules import modules_imported_by
from realtime import display_names
from realtime.background.texts import tray_texts

register = template.Library()


@register.inclusion_tag("shell/script_module.html")
def script_module(name: str) -> dict[str, Any]:
    """Loads a JavaScript module, and all that it imports at the same time."""
    bundles = getattr(staticfiles_storage, "bundles", {})
    imported = bundles[name] if name in bundles else modules_imported_by(name)
    return {"entry": name, "imported": imported}


@register.inclusion_tag("shell/navigation.html", takes_context=True)
def navigation(context: template.Context) -> dict[str, Any]:
    """Render the links of the top bar for this person, with the current one marked."""
    request = context["request"]
    here = request.resolver_match.view_name if request.resolver_match else ""
    links = [
        {"url": reverse(entry.page), "label": entry.label, "is_current": here in entry.within}
        for entry in entries_for(request.user)
    ]
    return {"links": links}


@register.inclusion_tag("shell/tray.html", takes_context=True)
def task_tray(context: template.Context) -> dict[str, Any]:
    """Render the live tray with the person's own background tasks, if they are signed in."""
    request = context.get("request")
    if request is None or not getattr(request, "user", None) or not request.user.is_authenticated:
        return {"config": None}
    person = request.user.get_username()
    language = translation.get_language()
    texts, tasks = tray_texts(), reverse("tasks")
    return {"config": {"texts": texts, "language": language, "person": person, "tasks": tasks}}


@register.simple_tag(takes_context=True)
def reader_zone(context: template.Context) -> str:
    """Return the person's chosen time zone for scripts; empty: scripts use the browser's zone."""
    return preferred_zone(getattr(context.get("request"), "user", None))


register.filter(display_names.initials)
register.filter(display_names.display_name)


@register.filter
def number(value: int) -> str:
    """Return a count with thousands separators, such as 9,000. Not for URLs or form values."""
    return number_format(value, force_grouping=True)
