"""Writes audit entries, in the transaction of the audited change. The only function that does."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone

from monitoring.audit.models import Action, AuditEntry
from monitoring.audit.origin import current_origin

MAX_IDS_PER_ENTRY = 2_000


def record(
    *,
    action: Action | str,
    label: str,
    ids: Iterable[int] = (),
    count: int | None = None,
    fields: Sequence[str] = (),
    by: Any = None,
) -> None:
    """Records an action on rows of the model `label` ("jobs.candidate").

    ids     the rows; more than MAX_IDS_PER_ENTRY become several entries
    count   number of rows, if their ids are unknown or irrelevant
    fields  names of the changed fields; never values
    by      the acting user; default: the user of the current request or task
    """
    origin = current_origin()
    shared = {
        "actor_id": origin.actor_id() if by is None else by.pk,
        "action": action,
        "label": label,
        "fields": list(fields),
        "source": origin.source(),
        "request_id": origin.request_id,
    }
    AuditEntry.objects.bulk_create(
        AuditEntry(ids=chunk, count=len(chunk) if chunk or count is None else count, **shared)
        for chunk in _chunks(ids)
    )


def record_once_a_day(*, action: Action, label: str, ids: Sequence[int], by: User) -> None:
    """Records a person's action on rows, except on those recorded for them today already.

    A day is that of the site's time zone. Call it in a transaction, until whose end another call
    for the same person waits.
    """
    list(User.objects.select_for_update(no_key=True).filter(pk=by.pk))
    midnight = timezone.now().astimezone(timezone.get_default_timezone())
    midnight = midnight.replace(hour=0, minute=0, second=0, microsecond=0)
    entries = AuditEntry.objects.filter(
        actor=by.pk, action=action, label=label, ids__overlap=list(ids), at__gte=midnight
    )
    recorded = {pk for found in entries.values_list("ids", flat=True) for pk in found}
    new = [pk for pk in ids if pk not in recorded]
    if new:
        record(action=action, label=label, ids=new, by=by)


def _chunks(ids: Iterable[int]) -> Iterable[list[int]]:
    """Chunks of MAX_IDS_PER_ENTRY ids; a single empty one if there are no ids."""
    rest = iter(ids)
    yield list(islice(rest, MAX_IDS_PER_ENTRY))
    while chunk := list(islice(rest, MAX_IDS_PER_ENTRY)):
        yield chunk
