"""Who may read what of the audit: decided here for page, admin and API alike."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Q, QuerySet

from monitoring.audit.models import AuditEntry
from monitoring.audit.watching import watched


def visible_entries(user: Any) -> QuerySet[AuditEntry]:
    """Superusers: everything. Others: the entries of which every record is theirs to see, and what
    they have done themselves.
    """
    entries = AuditEntry.objects.all()
    if not (user.is_authenticated and user.is_active):
        return entries.none()
    if user.is_superuser:
        return entries
    visible = Q(actor_id=user.pk)
    for label, one in watched.items():
        own = ArraySubquery(one.visible_to(user).order_by().values("pk"))
        visible |= Q(label=label, ids__len__gt=0, ids__contained_by=own)
    return entries.filter(visible)
