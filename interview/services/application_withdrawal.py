"""Withdrawal of an application by the candidate."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from interview.models import Interview
from interview.models.labels import CANDIDATE_SOURCE
from interview.models.states import WAITING, Side
from interview.services.interview_day import interview_cancel
from interview.services.transitions import Actor
from jobs.applications.services import CLOSED_STAGES, application_move
from jobs.models import Application

CANDIDATE = Actor(user=None, source=CANDIDATE_SOURCE)


@transaction.atomic
def application_withdraw(*, application: Application, reason: str = "") -> Application:
    """Move the application to "withdrawn" and cancel its waiting interviews.

    Does nothing if the application is already closed, so repeating it is harmless.
    """
    waiting = Interview.objects.filter(application=application, status__in=WAITING)
    # Interviews are locked before their application everywhere, to prevent deadlocks.
    interviews = list(waiting.select_for_update().order_by("pk"))
    locked = Application.objects.select_for_update().get(pk=application.pk)
    if locked.stage in CLOSED_STAGES:
        return locked
    with translation.override(settings.LANGUAGE_CODE):
        default_reason = _("The candidate has withdrawn")
    for interview in interviews:
        interview_cancel(
            interview_id=interview.pk,
            version=interview.version,
            reason=default_reason,
            side=Side.CANDIDATE,
            actor=CANDIDATE,
        )
    return application_move(
        application=locked,
        to=Application.Stage.WITHDRAWN,
        version=locked.version,
        by=None,
        reason=reason or default_reason,
    )
