"""Candidates, with all that hangs on them, held until a transaction ends: in one order, whoever
does it, so that no two can wait for each other.
"""

from __future__ import annotations

from collections.abc import Collection

from django.dispatch import Signal

from jobs.models import Application, Candidate

candidates_locking = Signal()
"""Sent with `ids` before anything is read: whoever has rows that hang on the applications of these
locks them now. Everybody locks what hangs on an application before it, and candidates last.
"""


def lock_candidates(ids: Collection[int]) -> None:
    """Nobody else changes these, or what hangs on them, before this transaction ends."""
    candidates_locking.send(sender=Candidate, ids=ids)
    for held in (
        Application.objects.filter(candidate__in=ids),
        Candidate.objects.filter(pk__in=ids),
    ):
        list(held.select_for_update().order_by("pk").values_list("pk"))
