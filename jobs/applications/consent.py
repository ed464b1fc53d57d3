"""The consent text of the application form, and its version.

Change WORDING whenever the text changes.
"""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import gettext, ngettext

WORDING = "2026-12"
BY_HAND = "by-hand"


def consent_version() -> str:
    """Returns the version of the text, including the retention period: "2026-12/2y".

    Without automatic erasure the text promises no date: "2026-12/by-hand".
    """
    period = f"{settings.RETENTION_YEARS}y" if settings.ANONYMISE_AUTOMATICALLY else BY_HAND
    return f"{WORDING}/{period}"


def consent_text() -> str:
    """Returns the text in the current language. It promises only what the nightly task does."""
    return f"{_purpose()} {_erasure()}"


def _purpose() -> str:
    return gettext(
        "I agree that what I enter here and the file I send are kept and used to decide about my "
        "application, and are seen only by the people who take part in that."
    )


def _erasure() -> str:
    if not settings.ANONYMISE_AUTOMATICALLY:
        return gettext("They are kept until I ask on my private page to have them erased.")
    years = settings.RETENTION_YEARS
    kept = ngettext("%(years)d year", "%(years)d years", years) % {"years": years}
    return gettext(
        "If I am not hired, they are erased %(kept)s after the last step. I can ask on my private "
        "page to have them erased earlier."
    ) % {"kept": kept}
