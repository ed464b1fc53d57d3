"""Who may read what of the audit: decided here for page, admin and API alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Q, QuerySet

from monitoring.audit.models import AuditEntry
from monitoring.audit.tracking import tracked_models

Coordinates = Callable[[Any], bool]
_coordinates: list[Coordinates] = []


def allow_readers(coordinates: Coordinates) -> None:
    """From now on the audit is read by those of whom this is so, and by superusers."""
    _coordinates.append(coordinates)


def may_read(user: Any) -> bool:
    """The audit is for superusers and for who coordinates anything; nobody else has a part in it,
    not even in what he did himself.
    """
    if not (user.is_authenticated and user.is_active):
        return False
    return user.is_superuser or any(coordinates(user) for coordinates in _coordinates)


def visible_entries(user: Any) -> QuerySet[AuditEntry]:
    """Superusers: everything. Coordinators: the entries of which every record is theirs to see, and
    what they have done themselves. Others: none.
    """
    entries = AuditEntry.objects.all()
    if not may_read(user):
        return entries.none()
    if user.is_superuser:
        return entries
    visible = Q(actor_id=user.pk)
    for label, one in tracked_models.items():
        own = ArraySubquery(one.visible_to(user).order_by().values("pk"))
        visible |= Q(label=label, ids__len__gt=0, ids__contained_by=own)
    return entries.filter(visible)
