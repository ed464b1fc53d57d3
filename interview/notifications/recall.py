"""Recalls the messages of an undone step that nobody has received, and names those who have.

Messages about a step wait for MESSAGE_DELAY_SECONDS. An undo in this time withdraws them and puts
back what they had replaced, so that recipients learn neither of the step nor of its undo.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import reduce
from operator import or_

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone

from interview.models import Delivery, Interview, InterviewEvent, Notification
from interview.models.deliveries import address_of
from interview.notifications import channels, outbox, wakeup
from interview.notifications.in_app.notices import IN_APP
from interview.notifications.policy import PLANS
from realtime.display_names import display_name

RECALLED = "recalled"  # reason code of messages that an undo withdrew
UNTOLD = (*outbox.WAITING, Delivery.State.WITHDRAWN)


def recall_messages(interview: Interview, version: int) -> frozenset[str]:
    """Withdraw the messages about the step that led to this version, as far as none has left.

    Restores the messages that the step had made obsolete. Returns the addresses (recipient and
    channel, such as "u5:email") that were not told of the step and need not be told of its undo.
    """
    sent = list(_messages_of(interview, version).select_for_update(of=("self",)))
    untold = {one.address for one in sent if _is_untold(one)}
    outbox.withdraw(_messages_of(interview, version).filter(attempts=0), reason=RECALLED)
    _restore_replaced(interview, version, told={one.address for one in sent} - untold)
    return frozenset(untold | _recall_notices(interview, version))


def told_of(events: Iterable[InterviewEvent]) -> list[str]:
    """The names of those who were told of these undone steps, sorted. Names of groups included."""
    names: set[str] = set()
    for event in events:
        messages = _messages_of(event.interview, event.version)
        for message in messages.select_related(*Delivery.RECIPIENT_FIELDS):
            if not _is_untold(message) and message.attempts:
                names.add(channels.external(message.channel).recipient_label(message))
        notices = _notices_of(event.interview, event.version).select_related("recipient")
        names.update(display_name(notice.recipient) for notice in notices)
    return sorted(names)


def _messages_of(interview: Interview, version: int) -> QuerySet[Delivery]:
    """The messages about one step. Those of the clock have an occasion."""
    return Delivery.objects.filter(interview=interview, facts__version=version, facts__occasion="")


def _is_untold(message: Delivery) -> bool:
    return not message.attempts and message.state in UNTOLD


def _restore_replaced(interview: Interview, version: int, *, told: set[str]) -> None:
    """Queue again what the step withdrew, except plans that its own message has corrected."""
    replaced = Delivery.objects.filter(interview=interview, withdrawn_at_version=version)
    restored = [one for one in replaced if one.event not in PLANS or one.address not in told]
    ids = [one.pk for one in restored]
    if outbox.requeue_withdrawn(Delivery.objects.filter(pk__in=ids), timezone.now()):
        wakeup.request_delivery({one.channel for one in restored})


def _recall_notices(interview: Interview, version: int) -> set[str]:
    """Delete the unread in-app notices that are as new as a message that still waits."""
    newest = _notices_of(interview, version).filter(read_at=None, at__gt=_sent_before())
    addresses = {address_of(notice.idempotency_key) for notice in newest}
    newest.delete()
    return addresses


def _notices_of(interview: Interview, version: int) -> QuerySet[Notification]:
    prefixes = [
        Q(idempotency_key__startswith=f"{event}:{interview.pk}:{version}:")
        for event in Notification.Event.values
    ]
    return Notification.objects.filter(
        reduce(or_, prefixes), interview=interview, idempotency_key__endswith=f":{IN_APP}"
    )


def _sent_before() -> datetime:
    return timezone.now() - timedelta(seconds=settings.MESSAGE_DELAY_SECONDS)
