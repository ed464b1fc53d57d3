"""From the wish for a file to a worker that writes it."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from jobs import tasks
from jobs.exports.exports import refuse_unknown_format, table_for
from realtime.background import tracked_tasks
from realtime.models import TaskRun


@transaction.atomic
def export_start(*, what: str, file_format: str, filters: dict[str, Any], by: User) -> TaskRun:
    """Have a file written, for this person only.

    Raises PermissionDenied for who may not export, ValidationError by field for a list, format or
    filter there is not.
    """
    table = table_for(by, what)
    refuse_unknown_format(file_format)
    total = table.rows(by, filters).count()
    return tracked_tasks.start(
        tasks.export,
        what,
        file_format,
        filters,
        title=_("Export: %(what)s") % {"what": table.title},
        owner=by,
        total=total,
        can_cancel=True,
    )
