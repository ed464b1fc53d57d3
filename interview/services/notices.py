"""Read state of in-app notices."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from interview.models import Notification


@transaction.atomic
def notices_read(*, recipient: User, ids: Sequence[int] | None = None) -> int:
    """Mark this person's notices as read: those with these ids, or all.

    Returns the number of notices that were unread. Ids of other people's notices are ignored.
    """
    unread = Notification.objects.filter(recipient=recipient, read_at=None)
    if ids is not None:
        unread = unread.filter(pk__in=ids)
    notices = list(unread.select_for_update())
    now = timezone.now()
    for notice in notices:
        notice.read_at = now
    Notification.objects.bulk_update(notices, ["read_at"])
    return len(notices)
