"""Applying again after withdrawing: the application there was is taken up again."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from jobs.applications.models import submission_of
from jobs.applications.services import application_move
from jobs.candidates.services import CandidateFields
from jobs.models import Application


def application_reopen(application: Application) -> bool:
    """Back among those who apply, if its candidate had withdrawn it; whether he had.

    Within a transaction: the application is held until it ends. One that was refused stays so:
    whoever knows a number could have sent the form.
    """
    held = Application.objects.select_for_update().get(pk=application.pk)
    if held.stage != Application.Stage.WITHDRAWN:
        return False
    with translation.override(settings.LANGUAGE_CODE):
        said = _("The candidate has applied again")
    application_move(
        application=held, to=Application.Stage.APPLIED, version=held.version, by=None, reason=said
    )
    application.refresh_from_db()
    return True


def reapplication_entries(application: Application, fields: CandidateFields) -> dict[str, Any]:
    """What was typed this time; mail goes on to the address that the application was known by.

    Its page tells of interviews there were, and whoever knows a number could have typed another
    address: that one is kept beside, for people to look into.
    """
    before = submission_of(application)
    known = str(before.entries.get("email") or "") if before else ""
    known = known or application.candidate.email
    entries: dict[str, Any] = {**fields, "email": known}
    if known.casefold() != fields["email"].casefold():
        entries["another_email"] = fields["email"]
    return entries
