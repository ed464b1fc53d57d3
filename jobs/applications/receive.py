"""An application from outside: a candidate found or made, his application, résumé and own page."""

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
from jobs.applications.models import Resume, Submission
from jobs.applications.reapply import application_reopen, reapplication_entries
from jobs.applications.services import application_create
from jobs.candidates.contacts import normalize_email, normalize_mobile
from jobs.candidates.services import CandidateFields, candidate_create
from jobs.models import Application, Candidate, Job

application_received = Signal()
"""Sent with `application` in the transaction that takes it in, and again when its applicant applies
once more: whoever writes to applicants tells him so.
"""


class OpeningClosed(Exception):
    """Nobody can apply for this opening from outside, or not any more."""


@dataclass(frozen=True, slots=True)
class ResumeFile:
    """A file that was found to be of this kind."""

    content: IO[bytes]
    kind: Resume.Kind
    size: int  # bytes


def application_receive(
    *, job_id: int, fields: CandidateFields, language: str, resume: ResumeFile | None = None
) -> Application:
    """Take in what a visitor sent, once: who has applied already keeps the application he has, and
    goes on with it if he had withdrawn it.

    A candidate known by mobile or e-mail is linked and stays as he is; what was typed is kept
    beside. Raises OpeningClosed, ValidationError by field.
    """
    stored: list[Resume] = []
    try:
        return _take_in(job_id, fields, language, resume, stored)
    except BaseException:
        for one in stored:  # the database has forgotten it, the disk has not
            one.file.storage.delete(str(one.file.name))
        raise


@transaction.atomic
def _take_in(
    job_id: int,
    fields: CandidateFields,
    language: str,
    resume: ResumeFile | None,
    stored: list[Resume],
) -> Application:
    job = _open_for_all(job_id)
    fields = fields | {
        "mobile": normalize_mobile(fields["mobile"]),
        "email": normalize_email(fields["email"]),
    }
    people = _known(fields)
    application = _applied(job, people, fields)
    if application is None:
        candidate = people[0] if people else _made(fields)
        application = application_create(candidate=candidate, job=job, by=None)
        _keep(application, dict(fields), language)
    elif application_reopen(application):
        _keep(application, reapplication_entries(application, fields), language)
    else:
        resume = None  # he keeps the one he has
    if resume is not None:
        stored.append(_store(application, resume))
    application_received.send(sender=Application, application=application)
    return application


def _open_for_all(job_id: int) -> Job:
    """Held, so that it is not closed, nor applied for by the same person, meanwhile."""
    held = Job.objects.public().select_for_update(of=("self",), no_key=True)
    job = held.select_related("campaign").filter(pk=job_id).first()
    if job is None:
        raise OpeningClosed
    return job


def _known(fields: CandidateFields) -> list[Candidate]:
    """Who has this mobile, then who has this e-mail."""
    has_mobile, has_email = Q(mobile=fields["mobile"]), Q(email__iexact=fields["email"])
    found = Candidate.objects.filter(
        (has_mobile & ~Q(mobile="")) | (has_email & ~Q(email=""))
    ).order_by("pk")
    return sorted(found, key=lambda one: one.mobile != fields["mobile"])


def _applied(job: Job, people: Sequence[Candidate], fields: CandidateFields) -> Application | None:
    """The application of one of them, or one made with the same contacts, for this job."""
    typed = Q(submission__entries__mobile=fields["mobile"])
    typed |= Q(submission__entries__email=fields["email"])
    return job.applications.filter(typed | Q(candidate__in=people)).order_by("pk").first()


def _made(fields: CandidateFields) -> Candidate:
    """A new candidate; or the one who was entered while we were looking."""
    try:
        return candidate_create(**fields)
    except ValidationError:
        if people := _known(fields):
            return people[0]
        raise


def _keep(application: Application, entries: dict[str, Any], language: str) -> None:
    """In the place of what was typed the last time."""
    Submission.objects.update_or_create(
        application=application,
        defaults={
            "entries": entries,
            "language": language,
            "consent_version": consent_version(),
            "consented_at": timezone.now(),
        },
    )


def _store(application: Application, resume: ResumeFile) -> Resume:
    """In the place of the one that came the last time."""
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
