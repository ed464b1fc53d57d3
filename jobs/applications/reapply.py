"""Reopens a withdrawn application when its candidate applies again. `confirm` calls it."""

from __future__ import annotations

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from jobs.applications.services import application_move
from jobs.models import Application


def application_reopen(application: Application) -> bool:
    """Moves a withdrawn application back to "applied". Returns whether it was withdrawn.

    Runs in the caller's transaction and locks the application until it ends. A rejected application
    stays rejected.
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
