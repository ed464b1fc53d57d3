"""Degrees as coordinators and spreadsheets write them, and what each reader calls them."""

from __future__ import annotations

from django.utils.translation import gettext_lazy, pgettext_lazy

DEGREES = {
    "大专": gettext_lazy("Associate degree"),
    "本科": gettext_lazy("Bachelor"),
    "硕士": gettext_lazy("Master"),
    "博士": gettext_lazy("Doctor"),
    "其他": pgettext_lazy("degree", "Other"),
}


def degree_label(written: str) -> str:
    """A degree in the reader's language; one that we do not know as it was written."""
    return str(DEGREES.get(written.strip(), written))
