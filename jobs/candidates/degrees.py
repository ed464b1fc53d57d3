"""Degrees: stored in Chinese, as spreadsheets have them; shown in the reader's language."""

from __future__ import annotations

from django.utils.translation import gettext_lazy, pgettext_lazy

DEGREES = {
    "大专": gettext_lazy("Associate degree"),
    "本科": gettext_lazy("Bachelor"),
    "硕士": gettext_lazy("Master"),
    "博士": gettext_lazy("Doctor"),
    "其他": pgettext_lazy("degree", "Other"),
}


def degree_label(degree: str) -> str:
    """Returns a degree in the reader's language, or unchanged if it is not in DEGREES."""
    return str(DEGREES.get(degree.strip(), degree))
