"""Read permissions of the audit log, for the page, the admin and the API."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BooleanField, Func, OuterRef, Q, QuerySet

from monitoring.audit.models import AuditEntry
from monitoring.audit.tracking import tracked_models

Predicate = Callable[[Any], bool]
_reader_predicates: list[Predicate] = []


class IsOneOf(Func):
    """Whether a value is in an array; an index of the value finds it, unlike `contains`."""

    template = "%(expressions)s)"
    arg_joiner = " = ANY("
    output_field = BooleanField()


def allow_readers(predicate: Predicate) -> None:
    """Lets users for whom the predicate is true read the audit log, in addition to superusers."""
    _reader_predicates.append(predicate)


def may_read(user: Any) -> bool:
    """Whether the user may read the audit log: superusers and coordinators.

    Others may not, not even the entries about their own actions.
    """
    if not (user.is_authenticated and user.is_active):
        return False
    return user.is_superuser or any(predicate(user) for predicate in _reader_predicates)


def visible_entries(user: Any) -> QuerySet[AuditEntry]:
    """Entries the user may see.

    Superusers see all; coordinators see their own actions and the entries whose records are all
    visible to them; others see none.
    """
    entries = AuditEntry.objects.all()
    if not may_read(user):
        return entries.none()
    if user.is_superuser:
        return entries
    visible = Q(actor_id=user.pk)
    for label, one in tracked_models.items():
        own = one.visible_to(user).order_by().filter(IsOneOf("pk", OuterRef("ids")))
        seen = ArraySubquery(own.values("pk"))  # of this entry's records, so a short array
        visible |= Q(label=label, ids__len__gt=0, ids__contained_by=seen)
    return entries.filter(visible)
