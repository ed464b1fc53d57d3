"""Applicants: what they do with the link that confirms their e-mail address."""

from __future__ import annotations

from jobs.applications.confirm import application_confirm, unconfirmed
from jobs.models import Application


def confirm_all() -> list[Application | None]:
    """Confirms every application that waits for it, oldest first."""
    return [application_confirm(pending=pending) for pending in unconfirmed().order_by("pk")]
