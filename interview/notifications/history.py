"""Delivery history of an interview, for coordinators: every external message and its outcome."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from interview.models import Delivery, Interview
from interview.notifications import channels
from interview.notifications.failure_reasons import NO_ADDRESS, reason_text

State = Delivery.State


@dataclass(frozen=True, slots=True)
class DeliveryEntry:
    """One message and its outcome.

    at        sent at, else due at if it waits, else created at
    why       text of the failure reason, or ""
    answer    what the other side answered, where it adds to the reason, or ""
    calendar  "request" or "cancel" if the message changed the recipient's calendar, else ""
    went_elsewhere  True if the recipient's address was corrected since the message was sent
    """

    delivery: Delivery
    recipient: str
    at: datetime
    why: str
    answer: str
    calendar: str
    went_elsewhere: bool

    @property
    def is_unreachable(self) -> bool:
        """True if the recipient could not be told, because there was no address."""
        return self.delivery.state == State.DEAD and self.delivery.reason == NO_ADDRESS

    @property
    def is_over(self) -> bool:
        """True if the message may be sent again."""
        return self.delivery.state in {State.SENT, State.DEAD, State.EXPIRED}


def delivery_history(interview: Interview) -> list[DeliveryEntry]:
    """Messages of the interview, newest first. One query."""
    deliveries = interview.deliveries.select_related(*Delivery.RECIPIENT_FIELDS)
    return [entry_of(delivery) for delivery in deliveries]


def entry_of(delivery: Delivery) -> DeliveryEntry:
    channel = channels.external(delivery.channel)
    is_sent = delivery.state == State.SENT
    is_waiting = delivery.state in {State.QUEUED, State.FAILED}
    return DeliveryEntry(
        delivery=delivery,
        recipient=channel.recipient_label(delivery),
        at=delivery.sent_at or (delivery.due_at if is_waiting else delivery.created_at),
        why=failure_text(delivery),
        answer=delivery.answer if channel.shows_answer and not is_sent else "",
        calendar=channel.calendar_method(delivery) if is_sent else "",
        went_elsewhere=is_sent and channel.went_elsewhere(delivery),
    )


def recipient_label(delivery: Delivery) -> str:
    return channels.external(delivery.channel).recipient_label(delivery)


def failure_text(delivery: Delivery) -> str:
    """Why the message did not arrive, or "" if no reason is stored."""
    return reason_text(delivery.reason, delivery.channel) if delivery.reason else ""
