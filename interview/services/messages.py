"""Outgoing messages: resend and test messages. Called by the admin and the interview page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import uuid4

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from interview.models import Delivery
from interview.notifications import outbox, wakeup


@dataclass(slots=True)
class ResendResult:
    """The outcome of a resend.

    again: queued again. waiting: waiting or being sent already. replaced: not sent, because a
    newer message replaces them.
    """

    again: list[Delivery] = field(default_factory=list)
    waiting: list[Delivery] = field(default_factory=list)
    replaced: list[Delivery] = field(default_factory=list)


@transaction.atomic
def deliveries_resend(*, deliveries: Sequence[Delivery], is_preview: bool = False) -> ResendResult:
    """Queue these messages again.

    Skips messages that are waiting anyway and messages that a newer one replaces: an old invitation
    must not arrive after its cancellation. A preview returns the same result without changes.
    """
    ids = [delivery.pk for delivery in deliveries]
    replaced = set(outbox.replaced().filter(pk__in=ids).values_list("pk", flat=True))
    result, now = ResendResult(), timezone.now()
    for delivery in Delivery.objects.filter(pk__in=ids).order_by("pk"):
        is_pending = delivery.state in {*outbox.WAITING, Delivery.State.SENDING}
        if delivery.pk in replaced:
            result.replaced.append(delivery)
        elif is_pending or not (is_preview or outbox.resend(delivery, now)):
            result.waiting.append(delivery)
        else:
            result.again.append(delivery)
    if not is_preview:
        wakeup.wake({delivery.channel for delivery in result.again})
    return result


@transaction.atomic
def message_send_test(*, person: User) -> Delivery:
    """Queue a test e-mail to one person."""
    message = Delivery.objects.create(
        channel=Delivery.Channel.EMAIL,
        event=Delivery.Event.TEST,
        person=person,
        priority=Delivery.Priority.DAY_OF,
        due_at=timezone.now(),
        idempotency_key=f"test:{uuid4()}",
    )
    wakeup.wake({message.channel})
    return message
