"""The stored files of imports: uploads and rejected rows, with their retention."""

from __future__ import annotations

from datetime import timedelta
from typing import IO

from django.core.files.base import File
from django.db import transaction
from django.db.models.fields.files import FieldFile
from django.utils import timezone

from jobs.imports.refusals import ImportRefused
from jobs.models.imports import ImportRun

UPLOADS_KEPT = timedelta(hours=24)  # of a check that nobody applied or discarded
REJECTED_KEPT = timedelta(days=7)  # after the import was applied


def content_of(run: ImportRun) -> bytes:
    """Returns the uploaded file. Raises ImportRefused if it has expired or is missing."""
    if not run.upload:
        raise ImportRefused("expired")
    try:
        with run.upload.open("rb") as stored:
            content: bytes = stored.read()
    except FileNotFoundError:
        raise ImportRefused("vanished") from None
    return content


def drop_upload(run: ImportRun) -> None:
    """Clears the upload of the run and deletes the file after commit. The caller saves the run."""
    if run.upload:
        _delete_on_commit(run.upload)
        run.upload = ""


def keep_rejected(run: ImportRun, file: IO[bytes]) -> None:
    """Replaces the stored rejected rows with this file. The caller saves the run."""
    drop_rejected(run)
    if run.bad:
        file.seek(0)
        run.rejected.save("rejected.csv", File(file), save=False)


def drop_rejected(run: ImportRun) -> None:
    """Clears the rejected rows of the run and deletes the file after commit."""
    if run.rejected:
        _delete_on_commit(run.rejected)
        run.rejected = ""


def _delete_on_commit(file: FieldFile) -> None:
    storage, name = file.storage, str(file.name)
    transaction.on_commit(lambda: storage.delete(name))


@transaction.atomic
def uploads_expire() -> int:
    """Deletes the uploads of undecided checks after UPLOADS_KEPT. Returns their number.

    Also deletes the rejected rows of applied imports after REJECTED_KEPT.
    """
    _rejected_expire()
    old = ImportRun.objects.exclude(upload="").filter(
        created_at__lt=timezone.now() - UPLOADS_KEPT,
        state__in=(ImportRun.State.CHECKING, ImportRun.State.CHECKED),
    )
    runs = list(old.select_for_update(skip_locked=True, of=("self",)))
    for run in runs:
        drop_upload(run)
        drop_rejected(run)
        run.save(update_fields=["upload", "rejected"])
    return len(runs)


def _rejected_expire() -> None:
    old = ImportRun.objects.exclude(rejected="").filter(
        applied_at__lt=timezone.now() - REJECTED_KEPT
    )
    for run in old.select_for_update(skip_locked=True, of=("self",)):
        drop_rejected(run)
        run.save(update_fields=["rejected"])
