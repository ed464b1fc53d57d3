"""Private calendars: a door for each person who wants one, closed by making another."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from interview.models import CalendarFeed
from jobs.signed_links import new_key


@transaction.atomic
def calendar_renew(*, user: User) -> CalendarFeed:
    """Open this person's calendar under a new address; the old one, if any, is dead at once."""
    feed, _created = CalendarFeed.objects.update_or_create(
        user=user, defaults={"key": new_key(), "renewed_at": timezone.now()}
    )
    return feed


@transaction.atomic
def calendar_close(*, user: User) -> None:
    """Nobody reads this person's calendar any more."""
    CalendarFeed.objects.filter(user=user).delete()
