"""Outgoing messages of an interview, for its coordinators."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from interview.models import Delivery, Interview
from interview.notifications import channels
from interview.notifications.history import delivery_history
from realtime.protocol.server_frames import Row, isoformat


class ChannelField(serializers.ChoiceField):
    """One of the channels that are registered when the field is created."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=channels.choices(), **kwargs)


class MessagePart(serializers.Serializer[Any]):
    """An outgoing message and its delivery state."""

    recipient = serializers.CharField()
    channel = ChannelField()
    event = serializers.ChoiceField(choices=Delivery.Event.choices)
    state = serializers.ChoiceField(choices=Delivery.State.choices)
    at = serializers.DateTimeField(help_text="When it was sent, is due, or was written.")
    why = serializers.CharField(help_text="Why it was not delivered, or empty.")
    calendar = serializers.ChoiceField(
        choices=["request", "cancel", ""],
        help_text="Effect on the recipient's calendar.",
    )
    went_elsewhere = serializers.BooleanField(
        help_text="True if the recipient's address was corrected since it was sent."
    )


def message_parts(interview: Interview) -> list[Row]:
    """The outgoing messages of an interview, newest first."""
    return [
        {
            "recipient": entry.recipient,
            "channel": entry.delivery.channel,
            "event": entry.delivery.event,
            "state": entry.delivery.state,
            "at": isoformat(entry.at),
            "why": entry.why,
            "calendar": entry.calendar,
            "went_elsewhere": entry.went_elsewhere,
        }
        for entry in delivery_history(interview)
    ]
