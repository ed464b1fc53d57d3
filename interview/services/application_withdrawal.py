"""What applicants do by themselves that concerns more than one interview."""

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
    """The applicant does not want to go on: what is planned with him is cancelled.

    An application that has come to its end stays as it is, so that saying it twice changes nothing.
    """
    waiting = Interview.objects.filter(application=application, status__in=WAITING)
    interviews = list(waiting.select_for_update().order_by("pk"))  # before the application, as ever
    held = Application.objects.select_for_update().get(pk=application.pk)
    if held.stage in CLOSED_STAGES:
        return held
    with translation.override(settings.LANGUAGE_CODE):
        said = _("The candidate has withdrawn")
    for interview in interviews:
        interview_cancel(
            interview_id=interview.pk,
            version=interview.version,
            reason=said,
            side=Side.CANDIDATE,
            actor=CANDIDATE,
        )
    return application_move(
        application=held,
        to=Application.Stage.WITHDRAWN,
        version=held.version,
        by=None,
        reason=reason or said,
    )
