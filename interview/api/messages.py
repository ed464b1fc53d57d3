"""The messages of an interview as the API tells them to whoever coordinates it."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from interview.models import Delivery, Interview
from interview.notifications import channels
from interview.notifications.history import delivery_history
from realtime.protocol.server_frames import Row, isoformat


class ChannelField(serializers.ChoiceField):
    """One of the registered channels, as of the request."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=channels.choices(), **kwargs)


class MessagePart(serializers.Serializer[Any]):
    """A message that leaves the house, and what became of it."""

    recipient = serializers.CharField()
    channel = ChannelField()
    event = serializers.ChoiceField(choices=Delivery.Event.choices)
    state = serializers.ChoiceField(choices=Delivery.State.choices)
    at = serializers.DateTimeField(help_text="When it was sent, is due, or was written.")
    why = serializers.CharField(help_text="Why it did not arrive; empty when it did.")
    calendar = serializers.ChoiceField(
        choices=["request", "cancel", ""], help_text="What the recipient's calendar was told."
    )


def message_parts(interview: Interview) -> list[Row]:
    """What left the house, or will, and what became of it; the latest first."""
    return [
        {
            "recipient": entry.recipient,
            "channel": entry.delivery.channel,
            "event": entry.delivery.event,
            "state": entry.delivery.state,
            "at": isoformat(entry.at),
            "why": entry.why,
            "calendar": entry.calendar,
        }
        for entry in delivery_history(interview)
    ]
