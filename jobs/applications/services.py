"""Writes applications and their history: create, and move to another stage.

Views, the API, the admin and the `interview` app call these functions. Callers check permissions
first. `bulk_stage_change` moves many applications at once; `receive` handles online applications.
"""

from __future__ import annotations

from collections.abc import Collection

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from jobs.candidates.services import candidates_join
from jobs.models import Application, ApplicationEvent, Candidate, Job

CLOSED_STAGES = frozenset(
    {Application.Stage.HIRED, Application.Stage.REJECTED, Application.Stage.WITHDRAWN}
)


class StaleVersion(Exception):
    """The application has changed since the caller read it; `application` is its current state."""

    def __init__(self, application: Application) -> None:
        self.application = application
        super().__init__(self.__doc__)


@transaction.atomic
def application_create(*, candidate: Candidate, job: Job, by: User | None) -> Application:
    """Creates an application and adds the candidate to the job's campaign.

    Raises ValidationError if the candidate has already applied for this job.
    """
    created = applications_create(candidates=[candidate], job=job, by=by)
    if not created:
        raise ValidationError({"candidate": _("This candidate has already applied for this job.")})
    return created[0]


@transaction.atomic
def applications_create(
    *, candidates: Collection[Candidate], job: Job, by: User | None
) -> list[Application]:
    """Creates an application for each candidate who has none for this job yet.

    Returns the new applications.
    """
    Job.objects.select_for_update(no_key=True).get(pk=job.pk)  # one caller at a time for each job
    applied = set(job.applications.values_list("candidate_id", flat=True))
    new = [
        Application(candidate=candidate, job=job)
        for candidate in candidates
        if candidate.pk not in applied
    ]
    created = Application.objects.bulk_create(new)
    ApplicationEvent.objects.bulk_create(
        [ApplicationEvent(application=one, by=by, to_stage=one.stage) for one in created]
    )
    candidates_join(candidates=candidates, campaign=job.campaign)
    return created


@transaction.atomic
def application_move(
    *, application: Application, to: str, version: int, by: User | None, reason: str = ""
) -> Application:
    """StageChangeResult an application to another stage and records who did it.

    Raises StaleVersion if the application has changed since `version`. Raises ValidationError for
    an unknown stage, for the current stage, and for reopening a closed application without a
    reason.
    """
    locked = Application.objects.select_for_update().get(pk=application.pk)
    if locked.version != version:
        raise StaleVersion(locked)
    _validate_move(locked, to=to, reason=reason)
    event = ApplicationEvent(
        application=locked, by=by, from_stage=locked.stage, to_stage=to, reason=reason.strip()
    )
    event.full_clean(exclude=["application", "by"])  # `by` is None for periodic tasks and commands
    locked.stage, locked.version = Application.Stage(to), locked.version + 1
    locked.save(update_fields=["stage", "version", "updated_at"])
    event.save()
    return locked


def _validate_move(application: Application, *, to: str, reason: str) -> None:
    if to not in Application.Stage.values:
        raise ValidationError({"stage": _("This stage does not exist.")})
    if to == application.stage:
        raise ValidationError({"stage": _("The application is already in this stage.")})
    if application.stage in CLOSED_STAGES and not reason.strip():
        raise ValidationError({"reason": _("Give a reason for reopening a closed application.")})
