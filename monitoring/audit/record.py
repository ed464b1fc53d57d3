"""The one way into the audit, in the transaction of what it tells of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

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
    """Write down an act on rows of the model `label` ("jobs.candidate").

    ids     the rows; a long list becomes several entries, written at once
    count   how many rows it was, where ids are not known or do not matter
    fields  names of what changed; never values
    by      who; left out, the person of the present request or task
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
        AuditEntry(ids=some, count=len(some) if some or count is None else count, **shared)
        for some in _portions(ids)
    )


def _portions(ids: Iterable[int]) -> Iterable[list[int]]:
    """At least one, which may be empty."""
    left = iter(ids)
    yield list(islice(left, MAX_IDS_PER_ENTRY))
    while some := list(islice(left, MAX_IDS_PER_ENTRY)):
        yield some
