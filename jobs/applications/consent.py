"""What applicants agree to. Another text is another version."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import gettext, ngettext

WORDING = "2026-11"


def consent_version() -> str:
    """Which text it is; for how long data is kept is part of it."""
    return f"{WORDING}/{settings.RETENTION_YEARS}y"


def consent_text() -> str:
    """In the reader's language."""
    years = settings.RETENTION_YEARS
    kept = ngettext("%(years)d year", "%(years)d years", years) % {"years": years}
    return gettext(
        "I agree that what I enter here and the file I send are kept and used to decide about my "
        "application, and are seen only by the people who take part in that. If I am not hired, "
        "they are erased %(kept)s after the last step. I can have them erased earlier at any time."
    ) % {"kept": kept}
