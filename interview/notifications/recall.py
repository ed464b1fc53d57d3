"""Recalls the messages of an undone step that nobody has received, and names those who have.

Messages about a step wait for MESSAGE_DELAY_SECONDS. An undo in this time withdraws them and puts
back what they had replaced, so that recipients learn neither of the step nor of its undo.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import reduce
from operator import or_

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone

from interview.models import Delivery, Interview, InterviewEvent, Notification
from interview.models.deliveries import address_of
from interview.notifications import channels, outbox, wakeup
from interview.notifications.policy import PLANS
from realtime.display_names import display_name

RECALLED = "recalled"  # reason code of messages that an undo withdrew
UNTOLD = (*outbox.WAITING, Delivery.State.WITHDRAWN)
HAS_LEFT = Q(state__in=[Delivery.State.SENT, Delivery.State.SENDING]) | Q(reason=outbox.UNKNOWN)
NOTHING = Q(pk__in=[])


@dataclass(frozen=True, slots=True)
class Recall:
    """Addresses (recipient and channel, such as "u5:email") by whether they know of a step."""

    untold: frozenset[str]
    told: frozenset[str]


def recall_messages(interview: Interview, version: int) -> Recall:
    """Withdraw the messages about the step that led to this version, as far as none has left.

    Those who were not told of it need not be told of its undo, unless a later message about the
    plan has reached them or still waits: it may have told them what the step did.
    """
    sent = list(_messages_of(interview, version).select_for_update(of=("self",)))
    told = {one.address for one in sent if not _is_untold(one)} | _told_later(interview, version)
    untold = {one.address for one in sent} - told
    outbox.withdraw(_messages_of(interview, version).filter(attempts=0), reason=RECALLED)
    return Recall(frozenset(untold | _recall_notices(interview, version)), frozenset(told))


def restore_replaced(interview: Interview, version: int, told: Collection[str]) -> None:
    """Queue again what the undone step withdrew, except plans of those who know of a newer one.

    Call it after the undo has notified people, which withdraws what waits.
    """
    replaced = Delivery.objects.filter(interview=interview, withdrawn_at_version=version)
    restored = [one for one in replaced if one.event not in PLANS or one.address not in told]
    ids = [one.pk for one in restored]
    if outbox.requeue_withdrawn(Delivery.objects.filter(pk__in=ids), timezone.now()):
        wakeup.request_delivery({one.channel for one in restored})


def _told_later(interview: Interview, version: int) -> set[str]:
    later = Delivery.objects.filter(
        interview=interview, event__in=PLANS, facts__version__gt=version
    )
    return {one.address for one in later.exclude(state=Delivery.State.WITHDRAWN)}


def told_of(events: Sequence[InterviewEvent]) -> list[str]:
    """The names of those who were told of these undone steps, sorted. Names of groups included.

    Two queries, however many steps there are.
    """
    steps = [(event.interview_id, event.version) for event in events]
    messages = Delivery.objects.filter(_about(steps), HAS_LEFT)
    notices = Notification.objects.filter(_notices_about(steps)).select_related("recipient")
    return sorted(
        {
            channels.external(message.channel).recipient_label(message)
            for message in messages.select_related(*Delivery.RECIPIENT_FIELDS)
        }
        | {display_name(notice.recipient) for notice in notices}
    )


def _messages_of(interview: Interview, version: int) -> QuerySet[Delivery]:
    return Delivery.objects.filter(_about([(interview.pk, version)]))


def _about(steps: Iterable[tuple[int, int]]) -> Q:
    """Condition for messages about these steps (interview, version).

    Messages that the clock causes have an occasion; reminders are about no step.
    """
    of_steps = (Q(interview=pk, facts__version=version) for pk, version in steps)
    return Q(reduce(or_, of_steps, NOTHING), ~Q(event=Delivery.Event.REMINDER), facts__occasion="")


def _is_untold(message: Delivery) -> bool:
    return not message.attempts and message.state in UNTOLD


def _recall_notices(interview: Interview, version: int) -> set[str]:
    """Delete the unread in-app notices that are younger than the delay of messages."""
    since = timezone.now() - timedelta(seconds=settings.MESSAGE_DELAY_SECONDS)
    about = _notices_about([(interview.pk, version)])
    newest = Notification.objects.filter(about, read_at=None, at__gt=since)
    newest = newest.exclude(recipient__in=_noticed_later(interview, version))
    addresses = {address_of(notice.idempotency_key) for notice in newest}
    newest.delete()
    return addresses


def _noticed_later(interview: Interview, version: int) -> list[int]:
    """The ids of those who have a notice about a later plan of the interview."""
    plans = Notification.objects.filter(interview=interview, event__in=[str(one) for one in PLANS])
    return [one.recipient_id for one in plans if _version_of(one) > version]


def _version_of(notice: Notification) -> int:
    """The version in a key such as "moved:17:3:5:in_app"; 0 for an occasion."""
    version = notice.idempotency_key.split(":")[2]
    return int(version) if version.isdecimal() else 0


def _notices_about(steps: Iterable[tuple[int, int]]) -> Q:
    """Condition for in-app notices about these steps: their keys name event and version."""
    keys = (
        Q(interview=pk, idempotency_key__startswith=f"{event}:{pk}:{version}:")
        for pk, version in steps
        for event in Notification.Event.values
        if event != Notification.Event.REMINDER
    )
    return reduce(or_, keys, NOTHING)
