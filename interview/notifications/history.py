"""What has left the house because of an interview, in words for whoever coordinates it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from interview.models import Delivery, Interview
from interview.notifications.email.calendar_invite import METHODS
from interview.notifications.failure_reasons import reason_text
from interview.notifications.policy import Event
from realtime.display_names import display_name

State = Delivery.State


@dataclass(frozen=True, slots=True)
class Entry:
    """One message and what became of it.

    at        when it was sent, is due, or, of those that will not be sent, was written
    calendar  "request" or "cancel" once the recipient's calendar has been told, else ""
    """

    delivery: Delivery
    recipient: str
    at: datetime
    why: str
    calendar: str

    @property
    def is_over(self) -> bool:
        """Whether a person may have it sent again."""
        return self.delivery.state in {State.SENT, State.DEAD, State.EXPIRED}


def record_of(interview: Interview) -> list[Entry]:
    """The newest first. One query."""
    deliveries = interview.deliveries.select_related("person", "candidate", "robot")
    return [entry_of(delivery) for delivery in deliveries]


def entry_of(delivery: Delivery) -> Entry:
    is_told = delivery.state == State.SENT and delivery.channel == Delivery.Channel.EMAIL
    is_waiting = delivery.state in {State.QUEUED, State.FAILED}
    return Entry(
        delivery=delivery,
        recipient=recipient_name(delivery),
        at=delivery.sent_at or (delivery.due_at if is_waiting else delivery.created_at),
        why=reason_text(delivery.reason) if delivery.reason else "",
        calendar=METHODS.get(Event(delivery.event), "").lower() if is_told else "",
    )


def recipient_name(delivery: Delivery) -> str:
    if delivery.candidate is not None:
        return delivery.candidate.name
    return display_name(delivery.person) if delivery.person else str(delivery.robot)
