"""Records the contents of export files, for the right to download one and for erasures."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple, Self

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jobs.exports.rights import may_export, table_for
from jobs.exports.tables import Table
from jobs.merging.execute import candidate_merging
from jobs.models import Candidate
from jobs.models.exports import ExportFile
from jobs.privacy.anonymisation import candidates_anonymised
from realtime.background import results
from realtime.background.tracked_tasks import TaskFailed
from realtime.models import TaskRun

KIND = "export"
ERASURE_LOCK = 0x_4552_4153_5552  # "ERASUR": an erasure waits for exports that are being recorded


def connect() -> None:
    results.register_rule(KIND, may_download)
    candidates_anonymised.connect(_anonymised, dispatch_uid="jobs.exports_erased")
    candidate_merging.connect(_merging, dispatch_uid="jobs.exports_merged")


class Person(NamedTuple):
    """The candidate of a row as it was written."""

    id: int
    is_anonymised: bool

    @classmethod
    def of(cls, candidate: Candidate) -> Self:
        return cls(candidate.pk, candidate.anonymised_at is not None)


def record(run: TaskRun, table: Table, *, rows: list[int], people: Iterable[Person]) -> None:
    """Records what the file shows. Call it after the last row, in the transaction of the export.

    Raises TaskFailed if one of the people was erased while the file was written: the erasure has
    not seen this file.
    """
    named = {person.id for person in people if not person.is_anonymised}
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [ERASURE_LOCK])
    if Candidate.objects.filter(pk__in=named).exclude(anonymised_at=None).exists():
        raise TaskFailed(_("The data of a person in this list were just erased. Export it again."))
    ExportFile.objects.create(run=run, table=table.name, rows=rows, candidates=sorted(named))


def may_download(user: User, run: TaskRun) -> bool:
    """Returns whether this person may still export the list, and still see all rows of the file.

    Rows that no longer exist do not count.
    """
    file = ExportFile.objects.filter(run=run).first()
    if file is None:  # written before the contents were recorded
        return may_export(user)
    try:
        visible = table_for(user, file.table).rows(user, {})
    except (PermissionDenied, ValidationError):
        return False
    existing = visible.model._base_manager.filter(pk__in=file.rows)
    return not existing.exclude(pk__in=visible.order_by().values("pk")).exists()


@transaction.atomic
def _anonymised(sender: Any, ids: list[int], **kwargs: Any) -> None:
    """Deletes the files that name these people."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ERASURE_LOCK])
    naming = ExportFile.objects.filter(candidates__overlap=ids)
    runs = TaskRun.objects.exclude(result_file="").filter(export_file__in=naming)
    results.result_files_delete(
        list(runs.select_for_update(of=("self",)).order_by("pk")),
        notice=gettext_lazy("The file was deleted because the data of a person in it were erased."),
    )


def _merging(sender: Any, kept: int, removed: int, **kwargs: Any) -> None:
    """Puts the kept candidate in the place of the removed one."""
    files = list(ExportFile.objects.filter(candidates__contains=[removed]))
    for file in files:
        file.candidates = sorted({*file.candidates, kept} - {removed})
    ExportFile.objects.bulk_update(files, ["candidates"])
