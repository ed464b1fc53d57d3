"""Reopens a withdrawn application when its candidate applies again. `receive` calls it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from jobs.applications.services import application_move
from jobs.candidates.services import CandidateFields
from jobs.models import Application
from jobs.models.submissions import submission_of


def application_reopen(application: Application) -> bool:
    """Moves a withdrawn application back to "applied". Returns whether it was withdrawn.

    Runs in the caller's transaction and locks the application until it ends. A rejected application
    stays rejected: anybody could submit the form with a mobile number that they know.
    """
    locked = Application.objects.select_for_update().get(pk=application.pk)
    if locked.stage != Application.Stage.WITHDRAWN:
        return False
    with translation.override(settings.LANGUAGE_CODE):
        reason = _("The candidate applied again")
    application_move(
        application=locked,
        to=Application.Stage.APPLIED,
        version=locked.version,
        by=None,
        reason=reason,
    )
    application.refresh_from_db()
    return True


def reapplication_entries(application: Application, fields: CandidateFields) -> dict[str, Any]:
    """Returns the new form answers with the e-mail address known before.

    The private page shows earlier interviews, and anybody could submit the form with another
    address. A different address is therefore stored as `another_email`, for staff to check.
    """
    before = submission_of(application)
    known = str(before.entries.get("email") or "") if before else ""
    known = known or application.candidate.email
    entries: dict[str, Any] = {**fields, "email": known}
    if known.casefold() != fields["email"].casefold():
        entries["another_email"] = fields["email"]
    return entries
