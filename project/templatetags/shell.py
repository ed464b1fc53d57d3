"""What the shell of every page asks for: the entries of its top bar, and people's names."""

from __future__ import annotations

from typing import Any

from django import template
from django.urls import reverse

from project.navigation import entries_for
from realtime import names

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


register.filter(names.initials)
register.filter(names.display_name)
