"""Notices in people's own lists: the newest of each person."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from django.db.models import OuterRef

from interview.live.rows import notice_row
from interview.models import Notification
from realtime.protocol.server_frames import Row

NOTICE_LIST_SIZE = 50
"""Notices in a person's list; older ones are available over the API."""


def newest_notices(user_id: int) -> list[Row]:
    own = Notification.objects.filter(recipient=user_id).for_reading()
    return [notice_row(notice) for notice in own[:NOTICE_LIST_SIZE]]


def listed_notices(user_ids: Collection[int], ids: Collection[int]) -> dict[int, list[Row]]:
    """User id → rows of those of these notices that the person's list shows."""
    found: defaultdict[int, list[Row]] = defaultdict(list)
    if user_ids and ids:
        newest = Notification.objects.filter(recipient=OuterRef("recipient"))[:NOTICE_LIST_SIZE]
        asked = Notification.objects.filter(pk__in=ids, recipient__in=user_ids).filter(
            pk__in=newest.values("pk")
        )
        for notice in asked.for_reading():
            found[notice.recipient_id].append(notice_row(notice))
    return found
