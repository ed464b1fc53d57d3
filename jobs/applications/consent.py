"""The consent text of the application form, and its version.

Change WORDING whenever the text changes.
"""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import gettext, ngettext

WORDING = "2026-11"


def consent_version() -> str:
    """Returns the version of the text, including the retention period: "2026-11/2y"."""
    return f"{WORDING}/{settings.RETENTION_YEARS}y"


def consent_text() -> str:
    """Returns the text in the current language."""
    years = settings.RETENTION_YEARS
    kept = ngettext("%(years)d year", "%(years)d years", years) % {"years": years}
    return gettext(
        "I agree that what I enter here and the file I send are kept and used to decide about my "
        "application, and are seen only by the people who take part in that. If I am not hired, "
        "they are erased %(kept)s after the last step. I can have them erased earlier at any time."
    ) % {"kept": kept}
