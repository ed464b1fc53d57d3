"""Recording that something changed: markers in the caller's transaction, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection, transaction

from realtime.models import Change

WAKE_CHANNEL = "realtime_changes"


def record(pairs: Iterable[tuple[str, str]]) -> None:
    """Write a marker per (topic, key). It survives only if the caller's change does.

    PostgreSQL delivers the wake-up hint at commit; losing it costs the relay's polling interval.
    """
    markers = [Change(topic=topic, key=key) for topic, key in dict.fromkeys(pairs)]
    if not markers:
        return
    with transaction.atomic(), connection.cursor() as cursor:
        Change.objects.bulk_create(markers)
        cursor.execute("SELECT pg_notify(%s, '')", [WAKE_CHANNEL])
