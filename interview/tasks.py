"""Background work of interview days, started by beat."""

from __future__ import annotations

from datetime import datetime, timedelta

from celery import shared_task
from django.core.cache import cache
from django.utils import timezone

from interview.clock import record_passed

SWEPT_UNTIL = "interview.swept_until"
REACH = timedelta(days=1)  # how far back a first sweep looks, and one after a long silence


@shared_task
def sweep_clock() -> None:
    """Announce what the clock has changed since the last sweep.

    The end of the window is remembered after its changes are recorded: a sweep that dies in
    between is repeated by the next, which costs a few markers and loses none.
    """
    now = timezone.now()
    record_passed(max(_swept_until(), now - REACH), now)
    cache.set(SWEPT_UNTIL, now.isoformat(), timeout=None)


def _swept_until() -> datetime:
    kept = cache.get(SWEPT_UNTIL)
    return datetime.fromisoformat(kept) if kept else timezone.now() - REACH
