"""Files go with their rows, and all that an applicant left goes with the person."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models.signals import post_delete

from jobs.applications.models import ApplicationLink, Resume, Submission
from jobs.privacy.anonymisation import candidates_anonymised


def connect() -> None:
    post_delete.connect(_resume_deleted, sender=Resume, dispatch_uid="jobs.resume_deleted")
    candidates_anonymised.connect(_anonymised, dispatch_uid="jobs.applicants_anonymised")


def _resume_deleted(sender: Any, instance: Resume, **kwargs: Any) -> None:
    """The disk is cleaned once the database has agreed; a file that is gone already is no fault."""
    storage, name = instance.file.storage, str(instance.file.name)
    transaction.on_commit(lambda: storage.delete(name), robust=True)


def _anonymised(sender: Any, ids: list[int], **kwargs: Any) -> None:
    """That somebody consented, and when, stays; what he typed, his file and his page do not."""
    Resume.objects.filter(application__candidate__in=ids).delete()
    ApplicationLink.objects.filter(application__candidate__in=ids).delete()
    Submission.objects.filter(application__candidate__in=ids).update(entries={})
