"""Stores an online application until its e-mail address is confirmed. The public form calls it.

Nothing here looks for candidates: what is done, and how long it takes, is the same for people who
are known and people who are not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import IO

from django.core.files.base import File
from django.db import transaction
from django.dispatch import Signal
from django.utils import timezone

from jobs.applications.consent import consent_version
from jobs.candidates.contacts import normalize_email, normalize_mobile
from jobs.candidates.services import CandidateFields
from jobs.models import Job, PendingApplication, Resume

application_submitted = Signal()
"""Sent with `pending` in the transaction that stores it. Receivers mail the link that confirms."""


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
) -> PendingApplication:
    """Stores an application from the public form, to be confirmed by e-mail.

    Raises OpeningClosed, and InvalidContact for a mobile number or e-mail address.
    """
    job = Job.objects.public().filter(pk=job_id).first()
    if job is None:
        raise OpeningClosed
    pending = PendingApplication(job=job, language=language)
    try:
        return _store(pending, fields, resume)
    except BaseException:
        if pending.resume:  # the rollback removes the row, but not the file
            pending.resume.storage.delete(str(pending.resume.name))
        raise


@transaction.atomic
def _store(
    pending: PendingApplication, fields: CandidateFields, resume: ResumeFile | None
) -> PendingApplication:
    pending.email = normalize_email(fields["email"])
    mobile = normalize_mobile(fields["mobile"])
    pending.entries = {**fields, "mobile": mobile, "email": pending.email}
    pending.consent_version, pending.consented_at = consent_version(), timezone.now()
    if resume is not None:
        resume.content.seek(0)
        pending.resume_kind, pending.resume_size = resume.kind, resume.size
        pending.resume.save("resume", File(resume.content), save=False)
    pending.save()
    application_submitted.send(sender=PendingApplication, pending=pending)
    return pending
