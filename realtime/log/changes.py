"""Recording changes: markers, written in the caller's transaction. The relay publishes them."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection, transaction

from realtime.models import Change

WAKE_CHANNEL = "realtime_changes"


def record(pairs: Iterable[tuple[str, str]]) -> None:
    """Write a marker for each (topic, key). It is rolled back with the caller's change.

    Also notifies the relay, which PostgreSQL does at commit. If the notification is lost, the relay
    finds the markers at its next poll.
    """
    markers = [Change(topic=topic, key=key) for topic, key in dict.fromkeys(pairs)]
    if not markers:
        return
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        Change.objects.bulk_create(markers)
        cursor.execute("SELECT pg_notify(%s, '')", [WAKE_CHANNEL])
