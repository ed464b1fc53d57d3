"""Payload serializers of the actions, shared by API and forms."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from rest_framework import serializers

from interview.models import Room
from interview.models.states import Side
from interview.rules.limits import MAX_LATE_MINUTES, MAX_OFFERED_TIMES
from monitoring.http.api_dates import MomentField


class Payload(serializers.Serializer[Any]):
    """Base payload: the version of the interview that the person saw."""

    version = serializers.IntegerField(min_value=1)


class NoShowPayload(Payload):
    side = serializers.ChoiceField(choices=[Side.CANDIDATE, Side.INTERVIEWER])


class CancelPayload(Payload):
    reason = serializers.CharField(max_length=300)
    side = serializers.ChoiceField(choices=Side.choices)


class OverridablePayload(Payload):
    """Payload of an action that may cause conflicts."""

    reason = serializers.CharField(max_length=300)
    override_reason = serializers.CharField(
        max_length=300,
        required=False,
        allow_blank=True,
        help_text="Confirms conflicts of the candidate and of interviewers. If it is not sent,"
        " `reason` confirms them.",
    )


class ConfirmablePayload(Payload):
    """Payload of an action that needs a reason only if it causes conflicts."""

    override_reason = serializers.CharField(
        max_length=300,
        required=False,
        allow_blank=True,
        help_text="Confirms conflicts of the candidate and of interviewers. Without it they are"
        " refused.",
    )


class ReschedulePayload(OverridablePayload):
    starts_at = MomentField()
    ends_at = MomentField()
    room = serializers.PrimaryKeyRelatedField(queryset=Room.objects.all(), required=False)


class ReassignPayload(OverridablePayload):
    remove = serializers.PrimaryKeyRelatedField(
        queryset=User.objects.all(), many=True, required=False
    )
    add = serializers.PrimaryKeyRelatedField(queryset=User.objects.all(), many=True, required=False)


class NonBlankListField(serializers.ListField):
    """A list that ignores empty strings, which come from form fields left blank."""

    def to_internal_value(self, data: Any) -> list[Any]:
        values = data if isinstance(data, list) else [data]
        return super().to_internal_value([one for one in values if one != ""])


class OfferPayload(ConfirmablePayload):
    starts = NonBlankListField(child=MomentField(), max_length=MAX_OFFERED_TIMES)


class ReasonPayload(Payload):
    reason = serializers.CharField(max_length=300)


class LatePayload(Payload):
    minutes = serializers.IntegerField(min_value=0, max_value=MAX_LATE_MINUTES)
