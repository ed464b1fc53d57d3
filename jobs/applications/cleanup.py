"""Deletes résumé files with their rows, and an applicant's data when they are anonymised."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.fields.files import FieldFile
from django.db.models.functions import Lower
from django.db.models.signals import post_delete

from jobs.models.submissions import ApplicationLink, PendingApplication, Resume, Submission
from jobs.privacy.anonymisation import candidates_anonymised


def connect() -> None:
    post_delete.connect(
        _pending_deleted, sender=PendingApplication, dispatch_uid="jobs.pending_deleted"
    )
    post_delete.connect(_resume_deleted, sender=Resume, dispatch_uid="jobs.resume_deleted")
    candidates_anonymised.connect(_anonymised, dispatch_uid="jobs.applicants_anonymised")


def _resume_deleted(sender: Any, instance: Resume, **kwargs: Any) -> None:
    delete_after_commit(instance.file)


def _pending_deleted(sender: Any, instance: PendingApplication, **kwargs: Any) -> None:
    if instance.resume:
        delete_after_commit(instance.resume)


@transaction.atomic
def pending_delete(pending: QuerySet[PendingApplication]) -> int:
    """Deletes these applications with their résumés. Returns their number.

    Locks them first: one that is being confirmed has given its résumé to the application by then.
    """
    locked = pending.order_by("pk").select_for_update(of=("self",))
    ids = list(locked.values_list("pk", flat=True))
    return PendingApplication.objects.filter(pk__in=ids).delete()[0]


def delete_after_commit(file: FieldFile) -> None:
    """Deletes the file after commit. Does nothing if the file is gone already."""
    storage, name = file.storage, str(file.name)
    transaction.on_commit(lambda: storage.delete(name), robust=True)


def _anonymised(sender: Any, ids: list[int], known_as: Collection[str], **kwargs: Any) -> None:
    """Deletes form answers, résumés and links; keeps the version and time of the consent."""
    addresses = [text.lower() for text in known_as if "@" in text]
    pending = PendingApplication.objects.annotate(address=Lower("email"))
    found = Q(address__in=addresses) | Q(application__candidate__in=ids)
    pending_delete(pending.filter(found))
    Resume.objects.filter(application__candidate__in=ids).delete()
    ApplicationLink.objects.filter(application__candidate__in=ids).delete()
    Submission.objects.filter(application__candidate__in=ids).update(entries={})
