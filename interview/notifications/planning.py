"""Notifies people of events: the only entry point for services, reminders and bulk actions.

Runs in the transaction of the change. Every channel plans its messages, messages that the change
makes obsolete are withdrawn, and workers are asked to send after the commit. The number of queries
does not depend on the number of people.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from interview.models import Delivery, Interview
from interview.notifications import channels, wakeup
from interview.notifications.policy import PLANS, Priority
from interview.notifications.requests import NotificationRequest, Recipients
from interview.notifications.withdrawal import withdraw_obsolete


@transaction.atomic(savepoint=False)
def notify(
    event: str,
    interview: Interview | None,
    recipients: Iterable[int],
    *,
    and_candidate: bool = False,
    in_app: bool = True,
    occasion: str = "",
    due_at: datetime | None = None,
    expires_at: datetime | None = None,
    priority: Priority | None = None,
    unless: Collection[str] = (),
) -> None:
    """Notify these people of an event of this version of an interview, once per channel.

    Call it in the transaction of the change. The same call for the same version does nothing.

    recipients     user ids
    and_candidate  notify the candidate as well
    in_app         False: external channels only
    occasion       replaces the version in the idempotency key, for notifications that the clock
                   causes or that have no interview; up to 40 characters
    due_at, expires_at, priority    override the policy of the event
    unless         addresses that are not notified; see `recall.recall_messages`

    A message about a step waits for MESSAGE_DELAY_SECONDS, in which an undo can recall it.
    """
    now = timezone.now()
    is_step = interview is not None and not occasion and due_at is None
    delay = timedelta(seconds=settings.MESSAGE_DELAY_SECONDS if is_step else 0)
    request = NotificationRequest(
        event=Delivery.Event(event),
        interview=interview,
        now=now,
        occasion=occasion,
        due_at=now + delay if delay else due_at,
        expires_at=expires_at,
        priority=priority,
        unless=unless,
    )
    people = sorted(set(recipients))
    concerned = Recipients(request, people, and_candidate=and_candidate, in_app=in_app)
    messages = [one for one in _planned([concerned]) if one.address not in unless]
    if interview is not None and request.event in PLANS:
        withdraw_obsolete(concerned, messages)
    _write(messages, delay)


@transaction.atomic(savepoint=False)
def notify_many(batch: Sequence[Recipients]) -> None:
    """Send notifications that make no earlier ones obsolete, such as reminders.

    Those that exist already stay as they are. The number of queries does not depend on the length
    of the batch.
    """
    messages = {message.idempotency_key: message for message in _planned(batch)}
    existing = Delivery.objects.filter(idempotency_key__in=list(messages))
    keys = set(existing.values_list("idempotency_key", flat=True))
    _write([message for key, message in messages.items() if key not in keys])


def _planned(batch: Sequence[Recipients]) -> list[Delivery]:
    """Unsaved messages of all channels. The in-app channel writes its notices at once."""
    external = [one for one in batch if one.external]
    in_app = [one for one in batch if one.in_app]
    return [
        message
        for channel in channels.all_channels()
        for message in channel.plan(
            external if isinstance(channel, channels.ExternalChannel) else in_app
        )
    ]


def _write(messages: Sequence[Delivery], delay: timedelta = timedelta()) -> None:
    if messages:
        Delivery.objects.bulk_create(messages, ignore_conflicts=True)
        wakeup.request_delivery({message.channel for message in messages}, delay=delay)
