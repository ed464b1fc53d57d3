"""Calendar subscriptions: each person has at most one secret link to their iCalendar feed."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from interview.models import CalendarFeed
from jobs.signed_links import new_key


@transaction.atomic
def calendar_renew(*, user: User) -> CalendarFeed:
    """Create this person's calendar link with a new key; an old link stops working at once."""
    feed, _created = CalendarFeed.objects.update_or_create(
        user=user, defaults={"key": new_key(), "renewed_at": timezone.now()}
    )
    return feed


@transaction.atomic
def calendar_close(*, user: User) -> None:
    """Delete this person's calendar link."""
    CalendarFeed.objects.filter(user=user).delete()
