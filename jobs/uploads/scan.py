"""Has uploaded files scanned for malware, if CLAMD names a scanner."""

from __future__ import annotations

import logging
from typing import IO

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jobs.uploads import clamd
from monitoring.health.checks import Advice, Check, NotReady, register
from monitoring.metrics.metrics import UPLOADS_SCANNED

logger = logging.getLogger(__name__)

OUTCOMES = ("clean", "infected", "failed")


def refuse_malware(file: IO[bytes]) -> None:
    """Raises ValidationError for an infected file, and if the scanner gives no clear answer.

    Does nothing without a scanner. Leaves the file at its beginning.
    """
    if settings.CLAMD is None:
        return
    file.seek(0)
    try:
        clamd.scan(settings.CLAMD, file)
    except clamd.Infected as found:
        UPLOADS_SCANNED.labels("infected").inc()
        logger.warning(
            "Malware in an upload", extra={"action": "upload_infected", "malware": str(found)}
        )
        raise ValidationError(_("This file contains malware and was refused.")) from None
    except clamd.ScannerFailed as failure:
        UPLOADS_SCANNED.labels("failed").inc()
        logger.error(
            "An upload was not scanned", extra={"action": "upload_not_scanned", "why": str(failure)}
        )
        raise ValidationError(
            _("Files cannot be checked for malware at the moment. Try again in a few minutes.")
        ) from None
    finally:
        file.seek(0)
    UPLOADS_SCANNED.labels("clean").inc()


def check_scanner() -> str:
    """Health check. Raises NotReady if the scanner does not answer."""
    if settings.CLAMD is None:
        return "none"
    try:
        clamd.ping(settings.CLAMD)
    except clamd.ScannerFailed as failure:
        raise NotReady(str(failure)) from None
    return "responds"


def register_check() -> None:
    for outcome in OUTCOMES:  # an alert sees the first failure only as a rise from 0
        UPLOADS_SCANNED.labels(outcome)
    advice = Advice(
        problem=gettext_lazy("The malware scanner does not respond: uploads are refused."),
        remedy=gettext_lazy("Start clamd at the address in CLAMD, and check its signatures."),
        runbook="UploadsNotScanned",
    )
    register("scanner", Check(run=check_scanner, advice=advice, is_advisory=True))
