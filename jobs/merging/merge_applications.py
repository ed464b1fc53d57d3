"""Two applications for one job, of which one is left: it takes over what the other brought."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.models import User
from django.dispatch import Signal
from django.utils import translation
from django.utils.translation import gettext as _

from jobs.applications.models import ApplicationLink, Resume, Submission, has_resume, submission_of
from jobs.merging.diff import Entry
from jobs.models import Application, ApplicationEvent

Stage = Application.Stage
BY_REACH = (
    *(Stage.WITHDRAWN, Stage.REJECTED, Stage.APPLIED, Stage.SCREENING),
    *(Stage.INTERVIEWING, Stage.OFFER, Stage.HIRED),
)

application_folding = Signal()
"""Sent with `stays` and `goes` (ids) before the second is deleted, in that transaction: whoever has
something that hangs on it hangs it on the first.
"""


@dataclass(frozen=True, slots=True)
class Fold:
    """The application that stays and the one that goes into it."""

    stays: Application
    goes: Application

    @property
    def has_two_resumes(self) -> bool:
        return has_resume(self.stays) and has_resume(self.goes)

    @property
    def has_two_submissions(self) -> bool:
        return bool(submission_of(self.stays) and submission_of(self.goes))

    @property
    def has_two_links(self) -> bool:
        return all(isinstance(_link(one), ApplicationLink) for one in (self.stays, self.goes))


def _link(application: Application) -> object:
    return getattr(application, "link", None)


def folds_of(one: Entry, other: Entry) -> list[Fold]:
    """Where both have applied for the same job: what has come further stays; of two that have come
    as far the one with more interviews, then the older.
    """
    by_job = {application.job_id: application for application in other.applications}
    pairs = [(mine, by_job[mine.job_id]) for mine in one.applications if mine.job_id in by_job]

    def reach(application: Application) -> tuple[int, int, int]:
        interviews = one.interviews.get(application.pk, 0)
        return BY_REACH.index(Stage(application.stage)), interviews, -application.pk

    folds = [sorted(pair, key=reach, reverse=True) for pair in pairs]
    return [Fold(stays, goes) for stays, goes in folds]


def fold(pair: Fold, *, by: User) -> None:
    """Hang all that the second brought on the first and delete it.

    Of two résumés the newer is kept; what the first has already of the rest it keeps.
    """
    stays, goes = pair.stays, pair.goes
    application_folding.send(sender=Application, stays=stays.pk, goes=goes.pk)
    _keep_the_newer_resume(pair)
    for brought in (Submission, ApplicationLink):
        if not brought.objects.filter(application=stays).exists():
            brought.objects.filter(application=goes).update(application=stays)
    ApplicationEvent.objects.filter(application=goes).update(application=stays)
    _remember(pair, by)
    Application.objects.get(pk=goes.pk).delete()
    stays.version += 1
    stays.created_at = min(stays.created_at, goes.created_at)
    stays.updated_at = max(stays.updated_at, goes.updated_at)
    Application.objects.bulk_update([stays], ["version", "created_at", "updated_at"])


def _keep_the_newer_resume(pair: Fold) -> None:
    resumes = Resume.objects.filter(application__in=[pair.stays, pair.goes])
    found = list(resumes.order_by("-uploaded_at", "-pk"))
    for older in found[1:]:
        older.delete()
    for newest in found[:1]:
        newest.application = pair.stays
        newest.save(update_fields=["application"])


def _remember(pair: Fold, by: User) -> None:
    """The last step of a history is where the application stands, also of one joined of two."""
    with translation.override(settings.LANGUAGE_CODE):
        said = _("Merged with a second application for this job")
    ApplicationEvent.objects.create(
        application=pair.stays,
        by=by,
        from_stage=pair.goes.stage,
        to_stage=pair.stays.stage,
        reason=said,
    )
