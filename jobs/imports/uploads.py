"""The files of imports: kept until somebody has decided, and not for long."""

from __future__ import annotations

from datetime import timedelta
from typing import IO

from django.core.files.base import File
from django.db import transaction
from django.db.models.fields.files import FieldFile
from django.utils import timezone

from jobs.imports.models import ImportRun
from jobs.imports.refusals import ImportRefused

UPLOADS_KEPT = timedelta(hours=24)
REJECTED_KEPT = timedelta(days=7)  # of an import that was carried out


def content_of(run: ImportRun) -> bytes:
    """The uploaded file. Raises ImportRefused if it is kept no longer, or gone."""
    if not run.upload:
        raise ImportRefused("expired")
    try:
        with run.upload.open("rb") as stored:
            content: bytes = stored.read()
    except FileNotFoundError:
        raise ImportRefused("vanished") from None
    return content


def drop_upload(run: ImportRun) -> None:
    """Forget the file; the disk is cleaned only when the database has agreed."""
    if run.upload:
        _delete_on_commit(run.upload)
        run.upload = ""


def keep_rejected(run: ImportRun, file: IO[bytes]) -> None:
    """The rows of this file, in place of those that were kept before; saving is the caller's."""
    drop_rejected(run)
    if run.bad:
        file.seek(0)
        run.rejected.save("rejected.csv", File(file), save=False)


def drop_rejected(run: ImportRun) -> None:
    """Forget the rows that were not taken."""
    if run.rejected:
        _delete_on_commit(run.rejected)
        run.rejected = ""


def _delete_on_commit(file: FieldFile) -> None:
    storage, name = file.storage, str(file.name)
    transaction.on_commit(lambda: storage.delete(name))


@transaction.atomic
def uploads_expire() -> int:
    """Delete the files of checks that nobody decided about within a day; how many there were.

    Rows that an import has not taken are kept for a week.
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
