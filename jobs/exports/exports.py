"""Checks who may export, selects the rows and writes the file. The export task calls it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import ContentFile
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from jobs.exports import contents
from jobs.exports.contents import Person
from jobs.exports.rights import table_for
from jobs.exports.tables import Filters, Table
from jobs.exports.writers import WRITERS
from monitoring import audit
from realtime.background.tracked_tasks import TaskContext, TaskFailed, TaskResult

ROWS_AT_ONCE = 2_000


def refuse_unknown_format(file_format: str) -> None:
    if file_format not in WRITERS:
        raise ValidationError({"format": _("Choose CSV or Excel.")})


def write_export(context: TaskContext, what: str, file_format: str, filters: Filters) -> TaskResult:
    """The file, as the owner of the work may see it. Raises TaskFailed if they no longer may."""
    owner = _owner(context)
    try:
        table = table_for(owner, what)
        rows = table.rows(owner, filters).order_by("pk")
    except PermissionDenied:
        raise TaskFailed(_("You no longer have permission to export.")) from None
    except ValidationError as error:
        raise TaskFailed(" ".join(error.messages)) from None
    context.set_total(rows.count())
    file = ContentFile(b"", name=f"{table.name}-{timezone.localdate():%Y-%m-%d}.{file_format}")
    written = list(_write(context, table, rows, WRITERS[file_format](file)))
    ids = [row for row, _candidate in written]
    contents.record(context.run, table, rows=ids, people=[person for _row, person in written])
    audit.record(action=audit.Action.EXPORT, label=table.label, ids=ids, by=owner)
    return TaskResult(message=_("%(count)s rows") % {"count": len(ids)}, file=file)


def _owner(context: TaskContext) -> User:
    if context.run.owner is None or not context.run.owner.is_active:
        raise TaskFailed(_("The account that requested this file no longer exists or is inactive."))
    return context.run.owner


def _write(
    context: TaskContext, table: Table, rows: QuerySet[Any], writer: Any
) -> Iterator[tuple[int, Person]]:
    """Writes the rows and yields the id of each, with its candidate.

    Has at most ROWS_AT_ONCE rows in memory.
    """
    writer.add(capfirst(str(column.heading)) for column in table.columns)
    for done, row in enumerate(rows.iterator(chunk_size=ROWS_AT_ONCE), 1):
        writer.add(column.value(row) for column in table.columns)
        context.report_progress(done, _("Writing"))
        yield row.pk, Person.of(table.candidate(row))
    writer.finish()
