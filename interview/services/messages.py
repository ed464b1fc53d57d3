"""Outgoing messages: resend and test messages. Called by the admin and the interview page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from interview.models import Delivery
from interview.notifications import channels, outbox, wakeup


@dataclass(slots=True)
class ResendResult:
    """The outcome of a resend.

    again: queued again. waiting: waiting or being sent already. superseded: not sent, because a
    newer message replaces them.
    """

    again: list[Delivery] = field(default_factory=list)
    waiting: list[Delivery] = field(default_factory=list)
    superseded: list[Delivery] = field(default_factory=list)


@transaction.atomic
def deliveries_resend(*, deliveries: Sequence[Delivery], is_preview: bool = False) -> ResendResult:
    """Queue these messages again.

    Skips messages that are waiting anyway and messages that a newer one replaces: an old invitation
    must not arrive after its cancellation. A preview returns the same result without changes.
    """
    ids = [delivery.pk for delivery in deliveries]
    superseded = set(outbox.superseded().filter(pk__in=ids).values_list("pk", flat=True))
    result, now = ResendResult(), timezone.now()
    for delivery in Delivery.objects.filter(pk__in=ids).order_by("pk"):
        is_pending = delivery.state in {*outbox.WAITING, Delivery.State.SENDING}
        if delivery.pk in superseded:
            result.superseded.append(delivery)
        elif is_pending or not (is_preview or outbox.resend(delivery, now)):
            result.waiting.append(delivery)
        else:
            result.again.append(delivery)
    if not is_preview:
        wakeup.request_delivery({delivery.channel for delivery in result.again})
    return result


@transaction.atomic
def message_send_test(*, channel: str, recipient: str, by: User) -> Delivery:
    """Queue a test message. recipient: a value of the channel's `test_recipients` for this user."""
    return channels.external(channel).plan_test(recipient, by)
