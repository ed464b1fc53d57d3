"""What each action needs to be told, checked field by field; the same for API and forms."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from rest_framework import serializers

from interview.models import Room
from interview.models.states import Side
from interview.services.interviewer_responses import LATE_LIMIT_MINUTES
from interview.services.offered_times import MAX_OFFERED_TIMES


class Payload(serializers.Serializer[Any]):
    """Every action names the version it was decided on."""

    version = serializers.IntegerField(min_value=1)


class NoShowPayload(Payload):
    side = serializers.ChoiceField(choices=[Side.CANDIDATE, Side.INTERVIEWER])


class CancelPayload(Payload):
    reason = serializers.CharField(max_length=300)
    side = serializers.ChoiceField(choices=Side.choices)


class ReschedulePayload(Payload):
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    room = serializers.PrimaryKeyRelatedField(queryset=Room.objects.all(), required=False)
    reason = serializers.CharField(max_length=300)


class ReassignPayload(Payload):
    remove = serializers.PrimaryKeyRelatedField(
        queryset=User.objects.all(), many=True, required=False
    )
    add = serializers.PrimaryKeyRelatedField(queryset=User.objects.all(), many=True, required=False)
    reason = serializers.CharField(max_length=300)


class Filled(serializers.ListField):
    """A list; of a form with more fields than one needs, those that were filled in."""

    def to_internal_value(self, data: Any) -> list[Any]:
        entries = data if isinstance(data, list) else [data]
        return super().to_internal_value([one for one in entries if one != ""])


class OfferPayload(Payload):
    starts = Filled(child=serializers.DateTimeField(), max_length=MAX_OFFERED_TIMES)


class ReasonPayload(Payload):
    reason = serializers.CharField(max_length=300)


class LatePayload(Payload):
    minutes = serializers.IntegerField(min_value=0, max_value=LATE_LIMIT_MINUTES)
