"""Merges two applications of one candidate for the same job. `execute` calls it."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.models import User
from django.dispatch import Signal
from django.utils import translation
from django.utils.translation import gettext as _

from jobs.merging.diff import CandidateRecord
from jobs.models import Application, ApplicationEvent
from jobs.models.submissions import ApplicationLink, Resume, Submission, has_resume, submission_of

Stage = Application.Stage
STAGES_BY_PROGRESS = (
    *(Stage.WITHDRAWN, Stage.REJECTED, Stage.APPLIED, Stage.SCREENING),
    *(Stage.INTERVIEWING, Stage.OFFER, Stage.HIRED),
)

application_merging = Signal()
"""Sent with `kept` and `removed` (application ids) in the merge's transaction, before the second
application is deleted. Receivers move the rows that refer to it.
"""


@dataclass(frozen=True, slots=True)
class ApplicationPair:
    """Two applications for one job: the second is merged into the first and deleted."""

    kept: Application
    removed: Application

    @property
    def has_two_resumes(self) -> bool:
        return has_resume(self.kept) and has_resume(self.removed)

    @property
    def has_two_submissions(self) -> bool:
        return bool(submission_of(self.kept) and submission_of(self.removed))

    @property
    def has_two_links(self) -> bool:
        return all(
            isinstance(getattr(one, "link", None), ApplicationLink)
            for one in (self.kept, self.removed)
        )


def application_pairs(one: CandidateRecord, other: CandidateRecord) -> list[ApplicationPair]:
    """Returns a pair for each job that both candidates have applied for.

    The application at the more advanced stage is kept; at the same stage the one with more
    interviews, then the older one.
    """

    def rank(application: Application) -> tuple[int, int, int]:
        interviews = one.interviews.get(application.pk, 0)
        return STAGES_BY_PROGRESS.index(Stage(application.stage)), interviews, -application.pk

    by_job = {application.job_id: application for application in other.applications}
    pairs = []
    for application in one.applications:
        if same_job := by_job.get(application.job_id):
            kept, removed = sorted((application, same_job), key=rank, reverse=True)
            pairs.append(ApplicationPair(kept, removed))
    return pairs


def merge_applications(pair: ApplicationPair, *, by: User) -> None:
    """Moves everything that belongs to the removed application to the kept one, and deletes it.

    Of two résumés the newer is kept. The kept application's own submission and link are kept.
    """
    kept, removed = pair.kept, pair.removed
    application_merging.send(sender=Application, kept=kept.pk, removed=removed.pk)
    _keep_newest_resume(pair)
    for attachment in (Submission, ApplicationLink):
        if not attachment.objects.filter(application=kept).exists():
            attachment.objects.filter(application=removed).update(application=kept)
    ApplicationEvent.objects.filter(application=removed).update(application=kept)
    _record_merge(pair, by)
    Application.objects.get(pk=removed.pk).delete()
    kept.version += 1
    kept.created_at = min(kept.created_at, removed.created_at)
    kept.updated_at = max(kept.updated_at, removed.updated_at)
    Application.objects.bulk_update([kept], ["version", "created_at", "updated_at"])


def _keep_newest_resume(pair: ApplicationPair) -> None:
    resumes = Resume.objects.filter(application__in=[pair.kept, pair.removed])
    newest_first = list(resumes.order_by("-uploaded_at", "-pk"))
    for older in newest_first[1:]:
        older.delete()
    for newest in newest_first[:1]:
        newest.application = pair.kept
        newest.save(update_fields=["application"])


def _record_merge(pair: ApplicationPair, by: User) -> None:
    """The last event of a history must name the current stage, also after a merge."""
    with translation.override(settings.LANGUAGE_CODE):
        reason = _("Merged with a second application for this job")
    ApplicationEvent.objects.create(
        application=pair.kept,
        by=by,
        from_stage=pair.removed.stage,
        to_stage=pair.kept.stage,
        reason=reason,
    )
