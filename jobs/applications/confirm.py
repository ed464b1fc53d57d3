"""Turns an application whose e-mail address is confirmed into an application that counts.

The candidate is found by the confirmed address alone. Anybody can enter the mobile number of
another person, by mistake or on purpose: a number that another candidate has makes a record of its
own, and a conflict that a coordinator decides.
"""

from __future__ import annotations

from datetime import timedelta

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.dispatch import Signal
from django.utils import timezone

from jobs.applications.cleanup import delete_after_commit, pending_delete
from jobs.applications.reapply import application_note_resume, application_reopen
from jobs.applications.services import CLOSED_STAGES, application_create
from jobs.candidates.conflicts import conflicts_record_mobile
from jobs.candidates.services import candidate_create
from jobs.models import (
    Application,
    Campaign,
    Candidate,
    Job,
    PendingApplication,
    Resume,
    Submission,
)

ADDRESS_LOCK = 0x_4144_4452  # "ADDR"
CONFIRM_WITHIN = timedelta(days=7)

application_received = Signal()
"""Sent with `application` and `has_newer_resume` in the transaction that confirms it, also when a
candidate applies again. Receivers notify the applicant.
"""


def unconfirmed() -> QuerySet[PendingApplication]:
    """Returns the applications that may still be confirmed."""
    young = timezone.now() - CONFIRM_WITHIN
    return PendingApplication.objects.filter(application=None, created_at__gt=young)


def pending_for_token(token: str) -> PendingApplication | None:
    """Returns the application for a token, or None if the token is forged or too old."""
    key = PendingApplication.key_from_token(token)
    if key is None:
        return None
    young = PendingApplication.objects.filter(created_at__gt=timezone.now() - CONFIRM_WITHIN)
    return young.select_related("job__campaign").filter(key=key).first()


@transaction.atomic
def application_confirm(*, pending: PendingApplication) -> Application | None:
    """Creates the application, or reopens the withdrawn one of the same candidate and job.

    Returns the application; None if it was confirmed before. An application that is still open
    keeps its form answers, and takes a newer résumé. A rejected one stays as it is. Raises
    PendingApplication.DoesNotExist if it was deleted meanwhile.
    """
    locked = PendingApplication.objects.select_for_update().get(pk=pending.pk)
    if locked.application_id is not None:
        return None
    _lock_address(locked.email)
    # The lock keeps the same person from applying twice meanwhile.
    job = Job.objects.select_for_update(no_key=True).get(pk=locked.job_id)
    application = _existing_application(job, locked.email)
    if application is None:
        candidate = _known_candidate(job, locked.email) or _new_candidate(job, locked)
        application = application_create(candidate=candidate, job=job, by=None)
        is_new = True
    else:
        is_new = application_reopen(application)
    if is_new:
        _save_submission(application, locked)
        _save_resume(application, locked)
    has_newer_resume = not is_new and _take_newer_resume(application, locked)
    _empty(locked, application)
    application_received.send(
        sender=Application, application=application, has_newer_resume=has_newer_resume
    )
    return application


def _lock_address(email: str) -> None:
    """Waits until no other application of this person is being confirmed, for any job.

    Both would create the candidate. Locked until the transaction ends.
    """
    with connection.cursor() as cursor:
        key = "SELECT pg_advisory_xact_lock(hashtextextended(%s, %s))"
        cursor.execute(key, [email.lower(), ADDRESS_LOCK])


def _existing_application(job: Job, email: str) -> Application | None:
    """Returns the application that has been e-mailed at this address."""
    mailed = Q(submission__entries__email=email)
    mailed |= Q(candidate__email__iexact=email)
    return job.applications.filter(mailed).order_by("pk").first()


def _known_candidate(job: Job, email: str) -> Candidate | None:
    """Returns the candidate with this address in the job's campaign, else one in no campaign.

    The coordinators of another campaign decide whether their candidate is shown to this one.
    """
    members = Campaign.candidates.through.objects.filter(candidate=OuterRef("pk"))
    found = Candidate.objects.filter(email__iexact=email).annotate(
        is_member=Exists(members.filter(campaign=job.campaign_id)), is_elsewhere=Exists(members)
    )
    usable = found.filter(Q(is_member=True) | Q(is_elsewhere=False))
    return usable.order_by("-is_member", "shares_contact", "pk").first()


def _new_candidate(job: Job, pending: PendingApplication) -> Candidate:
    return candidate_create(campaign=job.campaign, is_kept_apart=True, **pending.entries)


def _save_submission(application: Application, pending: PendingApplication) -> None:
    """Replaces the form answers of an earlier application."""
    Submission.objects.update_or_create(
        application=application,
        defaults={
            "entries": pending.entries,
            "language": pending.language,
            "consent_version": pending.consent_version,
            "consented_at": pending.consented_at,
        },
    )
    conflicts_record_mobile(candidate=application.candidate, mobile=pending.entries["mobile"])


def _save_resume(application: Application, pending: PendingApplication) -> None:
    """Replaces the résumé of an earlier application, if a new one was sent."""
    if not pending.resume:
        return
    Resume.objects.filter(application=application).delete()
    stored = Resume.objects.create(
        application=application,
        file=pending.resume.name,
        kind=pending.resume_kind,
        size=pending.resume_size,
    )
    # Not the time of the confirmation: the newer of two files is the one that was sent later.
    Resume.objects.filter(pk=stored.pk).update(uploaded_at=pending.created_at)
    pending.resume = ""  # the file now belongs to the application


def _take_newer_resume(application: Application, pending: PendingApplication) -> bool:
    """Replaces the résumé of an open application by one that was sent later, and records it.

    Returns whether it did.
    """
    newer = Resume.objects.filter(application=application, uploaded_at__gte=pending.created_at)
    if not pending.resume or application.stage in CLOSED_STAGES or newer.exists():
        return False
    _save_resume(application, pending)
    application_note_resume(application)
    return True


def _empty(pending: PendingApplication, application: Application) -> None:
    """Keeps only that the application is confirmed, for those who open the link again."""
    if pending.resume:
        delete_after_commit(pending.resume)
        pending.resume = ""
    pending.application, pending.email, pending.entries = application, "", {}
    pending.save()


def pending_applications_expire() -> int:
    """Deletes the applications that were not confirmed in time. Returns their number."""
    old = PendingApplication.objects.filter(created_at__lte=timezone.now() - CONFIRM_WITHIN)
    return pending_delete(old)
