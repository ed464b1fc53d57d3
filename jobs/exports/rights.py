"""Decides who may export which list."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils.translation import gettext as _

from jobs.coordinators import coordinated_campaigns
from jobs.exports.tables import TABLES, Table

PERMISSION = "jobs.export"


def may_export(user: Any) -> bool:
    return bool(user.has_perm(PERMISSION))


def table_for(user: Any, what: str) -> Table:
    """Returns the table by name.

    Raises PermissionDenied without the export permission, ValidationError for an unknown table.
    """
    if not may_export(user):
        raise PermissionDenied
    coordinated_campaigns(user)
    if what not in TABLES:
        raise ValidationError({"what": _("This list does not exist.")})
    return TABLES[what]
