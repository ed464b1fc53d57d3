"""Starts the background task that writes an export. The page, the API and the admin call it."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from jobs import tasks
from jobs.exports.exports import refuse_unknown_format
from jobs.exports.rights import table_for
from realtime.background import tracked_tasks
from realtime.models import TaskRun


@transaction.atomic
def export_start(*, what: str, file_format: str, filters: dict[str, Any], by: User) -> TaskRun:
    """Starts an export that only this person can download.

    Raises PermissionDenied without the export permission, and ValidationError by field for an
    unknown list, format or filter.
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
