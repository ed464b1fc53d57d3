"""Locks candidates and their related rows in a fixed order, to prevent deadlocks.

Merging and anonymisation call it.
"""

from __future__ import annotations

from collections.abc import Collection

from django.dispatch import Signal

from jobs.models import Application, Candidate

candidates_locking = Signal()
"""Sent with `ids` before any row is locked here. Receivers lock their rows that refer to the
applications of these candidates. The order everywhere: those rows, then applications, then
candidates.
"""


def lock_candidates(ids: Collection[int]) -> None:
    """Locks these candidates, their applications and related rows until the transaction ends."""
    candidates_locking.send(sender=Candidate, ids=ids)
    for rows in (
        Application.objects.filter(candidate__in=ids),
        Candidate.objects.filter(pk__in=ids),
    ):
        list(rows.select_for_update().order_by("pk").values_list("pk"))
