"""Stores an online application: finds or creates the candidate, the application and the résumé.

The public form calls `application_receive`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO, Any

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.db import transaction
from django.db.models import Q
from django.dispatch import Signal
from django.utils import timezone

from jobs.applications.consent import consent_version
from jobs.applications.reapply import application_reopen, reapplication_entries
from jobs.applications.services import application_create
from jobs.candidates.contacts import normalize_email, normalize_mobile
from jobs.candidates.services import CandidateFields, candidate_create
from jobs.models import Application, Candidate, Job
from jobs.models.submissions import Resume, Submission

application_received = Signal()
"""Sent with `application` in the transaction that stores it, also when a candidate applies again.
Receivers notify the applicant.
"""


class OpeningClosed(Exception):
    """The opening does not accept online applications."""


@dataclass(frozen=True, slots=True)
class ResumeFile:
    """A résumé file whose type has been checked."""

    content: IO[bytes]
    kind: Resume.Kind
    size: int  # bytes


def application_receive(
    *, job_id: int, fields: CandidateFields, language: str, resume: ResumeFile | None = None
) -> Application:
    """Stores an application from the public form.

    A candidate who has already applied keeps that application; a withdrawn one is reopened. An
    existing candidate with the same mobile or e-mail is linked and not changed; the form answers
    are stored as a Submission. Raises OpeningClosed, and ValidationError by field.
    """
    stored: list[Resume] = []
    try:
        return _store_application(job_id, fields, language, resume, stored)
    except BaseException:
        for one in stored:  # the rollback removes the row, but not the file
            one.file.storage.delete(str(one.file.name))
        raise


@transaction.atomic
def _store_application(
    job_id: int,
    fields: CandidateFields,
    language: str,
    resume: ResumeFile | None,
    stored: list[Resume],
) -> Application:
    job = _locked_public_job(job_id)
    fields = fields | {
        "mobile": normalize_mobile(fields["mobile"]),
        "email": normalize_email(fields["email"]),
    }
    people = _matching_candidates(fields)
    application = _existing_application(job, people, fields)
    if application is None:
        candidate = people[0] if people else _create_candidate(fields)
        application = application_create(candidate=candidate, job=job, by=None)
        _save_submission(application, dict(fields), language)
    elif application_reopen(application):
        _save_submission(application, reapplication_entries(application, fields), language)
    else:
        resume = None  # an application that is still open keeps its résumé
    if resume is not None:
        stored.append(_save_resume(application, resume))
    application_received.send(sender=Application, application=application)
    return application


def _locked_public_job(job_id: int) -> Job:
    """The lock keeps the job from closing, and the same person from applying twice, meanwhile."""
    public = Job.objects.public().select_for_update(of=("self",), no_key=True)
    job = public.select_related("campaign").filter(pk=job_id).first()
    if job is None:
        raise OpeningClosed
    return job


def _matching_candidates(fields: CandidateFields) -> list[Candidate]:
    """Returns the candidate with this mobile first, then the one with this e-mail."""
    has_mobile, has_email = Q(mobile=fields["mobile"]), Q(email__iexact=fields["email"])
    found = Candidate.objects.filter(
        (has_mobile & ~Q(mobile="")) | (has_email & ~Q(email=""))
    ).order_by("pk")
    return sorted(found, key=lambda one: one.mobile != fields["mobile"])


def _existing_application(
    job: Job, people: Sequence[Candidate], fields: CandidateFields
) -> Application | None:
    """Returns one of these candidates' applications, or one submitted with the same contacts."""
    same_contacts = Q(submission__entries__mobile=fields["mobile"])
    same_contacts |= Q(submission__entries__email=fields["email"])
    return job.applications.filter(same_contacts | Q(candidate__in=people)).order_by("pk").first()


def _create_candidate(fields: CandidateFields) -> Candidate:
    """Creates the candidate, or returns the one created meanwhile with the same contact."""
    try:
        return candidate_create(**fields)
    except ValidationError:
        if people := _matching_candidates(fields):
            return people[0]
        raise


def _save_submission(application: Application, entries: dict[str, Any], language: str) -> None:
    """Replaces the form answers of an earlier application."""
    Submission.objects.update_or_create(
        application=application,
        defaults={
            "entries": entries,
            "language": language,
            "consent_version": consent_version(),
            "consented_at": timezone.now(),
        },
    )


def _save_resume(application: Application, resume: ResumeFile) -> Resume:
    """Replaces the résumé of an earlier application."""
    Resume.objects.filter(application=application).delete()
    stored = Resume(application=application, kind=resume.kind, size=resume.size)
    resume.content.seek(0)
    stored.file.save("resume", File(resume.content), save=False)
    try:
        stored.save()
    except BaseException:
        stored.file.storage.delete(str(stored.file.name))
        raise
    return stored
