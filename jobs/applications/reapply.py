"""Changes an application whose candidate applies again. `confirm` calls it."""

from __future__ import annotations

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from jobs.applications.services import application_move
from jobs.models import Application, ApplicationEvent


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


def application_note_resume(application: Application) -> None:
    """Records in the history of an open application that its résumé was replaced.

    Runs in the caller's transaction. The version goes up: those who looked at the application have
    seen the older file.
    """
    locked = Application.objects.select_for_update().get(pk=application.pk)
    locked.version += 1
    locked.save(update_fields=["version", "updated_at"])
    with translation.override(settings.LANGUAGE_CODE):
        reason = _("The candidate sent a newer résumé")
    ApplicationEvent.objects.create(
        application=locked, from_stage=locked.stage, to_stage=locked.stage, reason=reason
    )
    application.refresh_from_db()
