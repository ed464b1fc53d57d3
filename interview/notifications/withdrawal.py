"""Withdraws waiting messages that are no longer true, in the transaction of the change.

`planning` withdraws what a newer message replaces; the interview's steps withdraw what has become
pointless, and undoing such a step restores it.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.utils import timezone

from interview.models import Delivery, Interview
from interview.models.states import Status
from interview.notifications import channels, outbox, wakeup
from interview.notifications.policy import OBSOLETE_ON_CHANGE, PLANS, Event
from interview.notifications.requests import NEW_PLACE, Recipients, kind_of

OVERTAKEN = "overtaken"  # reason code of messages that `withdraw_pointless` withdraws
POINTLESS_IN: dict[str, frozenset[Event]] = {
    Status.IN_PROGRESS: frozenset({Event.REMINDER}),
    Status.NO_SHOW: OBSOLETE_ON_CHANGE,
}


def withdraw_obsolete(recipients: Recipients, messages: list[Delivery]) -> None:
    """Withdraw waiting messages that a change of plans makes obsolete.

    messages: the unsaved messages of the change. Recipients whose invitation never left are not
    told of a change: a reschedule becomes their invitation, a cancellation is withdrawn.
    """
    obsolete = _waiting_obsolete(recipients).exclude(
        idempotency_key__in=[message.idempotency_key for message in messages]
    )
    unless = recipients.request.unless
    waiting = [one for one in obsolete.select_for_update() if one.address not in unless]
    outbox.withdraw(
        Delivery.objects.filter(pk__in=[one.pk for one in waiting]),
        withdrawn_at_version=recipients.request.version,
    )
    never_invited = {
        _recipient(one) for one in waiting if one.event == Event.ASSIGNED and not one.attempts
    }
    for message in messages:
        if _recipient(message) not in never_invited:
            continue
        if message.event == Event.MOVED:
            message.event = Event.ASSIGNED
            message.facts["occasion"] = ""  # for them nothing is new but the interview
        elif message.event in {Event.CANCELLED, Event.UNASSIGNED}:
            message.state = Delivery.State.WITHDRAWN


def withdraw_pointless(interview: Interview) -> None:
    """Withdraw messages that are useless in the state that the interview has just reached."""
    pointless = interview.deliveries.filter(event__in=POINTLESS_IN[interview.status])
    outbox.withdraw(pointless, reason=OVERTAKEN)


def restore_withdrawn(interview: Interview) -> None:
    """Queue again what `withdraw_pointless` withdrew, unless it has expired. For an undone step."""
    withdrawn = interview.deliveries.filter(reason=OVERTAKEN)
    identifiers = set(withdrawn.values_list("channel", flat=True))
    if outbox.requeue_withdrawn(withdrawn, timezone.now()):
        wakeup.request_delivery(identifiers)


def _waiting_obsolete(recipients: Recipients) -> Any:
    request = recipients.request
    obsolete = channels.outdated_by(recipients) & Q(event__in=PLANS)
    if request.event in {Event.MOVED, Event.CANCELLED} and kind_of(request.occasion) != NEW_PLACE:
        obsolete |= Q(event__in=OBSOLETE_ON_CHANGE)
    elif request.event == Event.UNASSIGNED:
        obsolete |= Q(event__in=OBSOLETE_ON_CHANGE, person__in=recipients.people)
    return Delivery.objects.filter(obsolete, interview=request.interview, state__in=outbox.WAITING)


def _recipient(message: Delivery) -> tuple[int | str | None, ...]:
    ids = (getattr(message, f"{field}_id") for field in Delivery.RECIPIENT_FIELDS)
    return (*ids, message.channel)
