"""Serializers of interviews and rooms.

`live.rows` builds the rows; the `…Row` and `…Part` serializers only describe them for the schema.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import tzinfo
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from interview.api.messages import MessagePart
from interview.models import (
    Interview,
    InterviewAssignment,
    Notification,
    Room,
    RoundTemplate,
    Scorecard,
)
from interview.models.states import Side, Status
from interview.rules.conflicts import Conflict, ConflictKind
from interview.rules.flags import FOLLOW_UP_FLAGS
from interview.rules.limits import MAX_INTERVIEWERS, MAX_SNOOZE_MINUTES
from interview.services.conflict_checks import names_in
from interview.services.transitions import check_times
from jobs.api.serializers import OwnCampaignField, VisibleField
from jobs.api.strict_serializer import StrictSerializer
from jobs.models import Application, Campaign
from monitoring.http.api_dates import MomentField
from monitoring.http.filters import LARGEST_ID


class RowSerializer(serializers.Serializer[Any]):
    """Fields of every row."""

    key = serializers.CharField()
    kind = serializers.CharField()
    version = serializers.IntegerField()
    id = serializers.IntegerField()


class AssignmentPart(serializers.Serializer[Any]):
    id = serializers.IntegerField(help_text="The interviewer's user id.")
    name = serializers.CharField()
    response = serializers.ChoiceField(choices=InterviewAssignment.Response.choices)
    decline_reason = serializers.CharField()
    late_minutes = serializers.IntegerField()
    scorecard = serializers.ChoiceField(choices=["none", *Scorecard.State.values])


class FeedbackPart(serializers.Serializer[Any]):
    """Numbers of due and submitted scorecards; never their content."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {"due": serializers.IntegerField(), "in": serializers.IntegerField()}


class FollowUpPart(serializers.Serializer[Any]):
    """The coordinator who deals with a flag of the interview, and until when it is put off."""

    flag = serializers.CharField()
    by_id = serializers.IntegerField()
    by = serializers.CharField()
    snoozed_until = serializers.DateTimeField(allow_null=True)


class InterviewRow(RowSerializer):
    """An interview, as on a board."""

    campaign = serializers.SlugField()
    application = serializers.IntegerField()
    candidate = serializers.CharField()
    candidate_id = serializers.IntegerField()
    search = serializers.CharField()
    job = serializers.CharField()
    round = serializers.IntegerField()
    round_name = serializers.CharField()
    round_name_en = serializers.CharField()
    room = serializers.CharField()
    room_id = serializers.IntegerField()
    day = serializers.DateField(help_text="In the campaign's time zone.")
    status = serializers.ChoiceField(choices=Status.choices)
    reason = serializers.CharField()
    side = serializers.ChoiceField(choices=Side.choices, allow_blank=True)
    url = serializers.CharField()
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    arrived_at = serializers.DateTimeField(allow_null=True)
    started_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)
    expected_at = serializers.DateTimeField(allow_null=True)
    flags = serializers.ListField(child=serializers.CharField())
    interviewers = serializers.ListField(child=serializers.CharField())
    assignments = AssignmentPart(many=True)
    feedback = FeedbackPart()
    follow_up = FollowUpPart(allow_null=True)


class UndoneInterviewRow(InterviewRow):
    """An interview whose last change was undone."""

    told = serializers.ListField(
        child=serializers.CharField(),
        help_text="Names of those who had been told of the change before it was undone.",
    )


class ChangePart(serializers.Serializer[Any]):
    """A value that an event changed."""

    field = serializers.ChoiceField(
        choices=["starts_at", "ends_at", "room", "interviewers", "late_minutes", "status"]
    )
    before = serializers.ListField(child=serializers.CharField())
    after = serializers.ListField(child=serializers.CharField())


class EventPart(serializers.Serializer[Any]):
    at = serializers.DateTimeField()
    by = serializers.CharField()
    action = serializers.CharField()
    from_status = serializers.CharField()
    to_status = serializers.CharField()
    reason = serializers.CharField()
    undone = serializers.BooleanField()
    changes = ChangePart(many=True)


class NoticePart(serializers.Serializer[Any]):
    recipient = serializers.CharField()
    event = serializers.ChoiceField(choices=Notification.Event.choices)
    at = serializers.DateTimeField()
    read = serializers.BooleanField()


class InterviewDetail(InterviewRow):
    """An interview with its history and the actions that the user may take now."""

    events = EventPart(many=True)
    allowed = serializers.ListField(child=serializers.CharField())
    undo_until = serializers.DateTimeField(allow_null=True)
    notices = NoticePart(many=True, help_text="In-app notices; empty for interviewers.")
    messages = MessagePart(many=True, help_text="Outgoing messages; empty for interviewers.")


class ContactPart(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    mobile = serializers.CharField(help_text="Empty if it is not known; of interviewers always.")
    email = serializers.CharField(help_text="Empty if it is not known.")


class ContactsPart(serializers.Serializer[Any]):
    candidate = ContactPart()
    interviewers = ContactPart(many=True)


class SuggestionPart(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    load = serializers.IntegerField(help_text="Number of their interviews on that day.")
    load_limit = serializers.IntegerField()
    is_free = serializers.BooleanField()
    needs_reason = serializers.BooleanField(
        help_text="They have a conflict that only a reason permits, such as a full day."
    )


class ConflictQuery(StrictSerializer):
    """Another time or room of an interview. Times without an offset are in the campaign's zone."""

    starts_at = MomentField(required=False)
    ends_at = MomentField(required=False)
    room = serializers.IntegerField(min_value=1, max_value=LARGEST_ID, required=False)

    def validate_room(self, pk: int) -> Room:
        room = Room.objects.filter(pk=pk, campaign=self.context["interview"].campaign_id).first()
        if room is None:
            raise serializers.ValidationError(_("This campaign has no such room."))
        return room

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        interview: Interview = self.context["interview"]
        starts_at = attrs.get("starts_at", interview.starts_at)
        check_times(starts_at, attrs.get("ends_at", interview.ends_at))
        return attrs


class ConflictPart(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=[kind.value for kind in ConflictKind])
    field = serializers.ChoiceField(choices=["room", "candidate", "interviewers"])
    interviewer = serializers.IntegerField(
        allow_null=True, help_text="User id; null for a conflict of the room or the candidate."
    )
    text = serializers.CharField()
    refused = serializers.BooleanField(help_text="True if no reason permits it.")


def conflict_rows(conflicts: Sequence[Conflict]) -> list[dict[str, Any]]:
    names = names_in(conflicts)
    return [
        {
            "kind": one.kind.value,
            "field": one.field,
            "interviewer": one.owner_id if one.field == "interviewers" else None,
            "text": one.message(names),
            "refused": one.is_refused,
        }
        for one in conflicts
    ]


class RoomChoiceField(serializers.PrimaryKeyRelatedField[Room]):
    """A room of a campaign that the user coordinates."""

    def __init__(self, **kwargs: Any) -> None:
        pk_field = serializers.IntegerField(min_value=1)
        super().__init__(queryset=Room.objects.all(), pk_field=pk_field, **kwargs)

    def get_queryset(self) -> QuerySet[Room]:
        request = self.context.get("request")
        return rooms_of(request.user) if request else Room.objects.all()


def rooms_of(user: Any) -> QuerySet[Room]:
    """The rooms of the campaigns that this person coordinates."""
    campaigns = Campaign.objects.coordinated_by(user)
    return Room.objects.filter(campaign__in=campaigns).select_related("campaign")


class PlanSerializer(StrictSerializer):
    """A new interview. Times without an offset are in the campaign's time zone."""

    application = VisibleField(queryset=Application.objects.select_related("job__campaign"))
    round = serializers.IntegerField(min_value=1, max_value=32767)
    room = RoomChoiceField()
    starts_at = MomentField()
    ends_at = MomentField()
    interviewers = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=LARGEST_ID),
        max_length=MAX_INTERVIEWERS,
    )
    override_reason = serializers.CharField(max_length=300, required=False, allow_blank=True)

    def run_validation(self, data: Any = serializers.empty) -> Any:
        with timezone.override(self._zone_of(data)):
            return super().run_validation(data)

    def _zone_of(self, data: Any) -> tzinfo:
        pk = data.get("application") if isinstance(data, Mapping) else None
        if isinstance(pk, int) and pk <= LARGEST_ID:
            campaign = Campaign.objects.filter(jobs__applications=pk).first()
            if campaign is not None:
                return ZoneInfo(campaign.time_zone)
        return timezone.get_current_timezone()

    def validate_interviewers(self, ids: Sequence[int]) -> list[User]:
        people = User.objects.in_bulk(ids)
        if unknown := [str(one) for one in ids if one not in people]:
            raise serializers.ValidationError(
                _("Unknown person: %(ids)s.") % {"ids": ", ".join(unknown)}
            )
        return [people[one] for one in dict.fromkeys(ids)]  # in the order in which they were given

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        rounds = RoundTemplate.objects.for_campaign(attrs["application"].job.campaign_id)
        found = rounds.filter(number=attrs["round"]).first()
        if found is None:
            raise serializers.ValidationError({"round": _("There is no such round.")})
        return attrs | {"round": found}


class FollowUpSerializer(StrictSerializer):
    """Payload of a follow-up."""

    flag = serializers.ChoiceField(choices=FOLLOW_UP_FLAGS, allow_blank=True)
    snooze_minutes = serializers.IntegerField(
        min_value=1,
        max_value=MAX_SNOOZE_MINUTES,
        required=False,
        help_text="Nobody needs to act for so long.",
    )


class ChangeSerializer(serializers.Serializer[Any]):
    """Fields of a PATCH; actions change all other fields of an interview."""

    version = serializers.IntegerField(min_value=1)
    starts_at = MomentField(required=False)
    ends_at = MomentField(required=False)
    room = serializers.IntegerField(min_value=1, required=False)
    reason = serializers.CharField(max_length=300, required=False)
    override_reason = serializers.CharField(max_length=300, required=False, allow_blank=True)


class RoomSerializer(StrictSerializer, serializers.ModelSerializer[Room]):
    """Writable fields of a room."""

    campaign = OwnCampaignField()
    room_kind = serializers.ChoiceField(choices=Room.Kind.choices, source="kind", required=False)

    class Meta:
        model = Room
        fields = [
            "campaign", "name", "room_kind", "directions", "meeting_url", "position", "is_active",
        ]  # fmt: skip
        validators: list[Any] = []  # the service checks uniqueness and reports it on `name`


class RoomChangeSerializer(RoomSerializer):
    """Fields of a PATCH of a room, and the version that the user saw."""

    version = serializers.IntegerField(min_value=1)
    campaign = OwnCampaignField(required=False)

    class Meta(RoomSerializer.Meta):
        fields = ["version", *RoomSerializer.Meta.fields]
        extra_kwargs: ClassVar = {"name": {"required": False}}


class RoomRow(RowSerializer):
    """A room as on a board, plus its meeting link."""

    campaign = serializers.SlugField()
    name = serializers.CharField()
    room_kind = serializers.ChoiceField(choices=Room.Kind.choices)
    directions = serializers.CharField()
    position = serializers.IntegerField()
    is_active = serializers.BooleanField()
    delay_minutes = serializers.IntegerField()
    meeting_url = serializers.CharField()


class ShiftSerializer(StrictSerializer):
    """The shift of a room's later interviews, in minutes, and its first start."""

    minutes = serializers.IntegerField()
    dry_run = serializers.BooleanField(default=False)
    override_reason = serializers.CharField(
        max_length=300, default="", allow_blank=True, help_text="Confirms the warnings."
    )

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        begin = MomentField(source="from_")
        return super().get_fields() | {"from": begin}  # `from` is a keyword in Python


class MovedPart(serializers.Serializer[Any]):
    key = serializers.CharField()
    candidate = serializers.CharField()
    starts_at = serializers.DateTimeField()
    new_starts_at = serializers.DateTimeField()
    version = serializers.IntegerField(help_text="Of the interview, after the shift.")
    must_confirm = serializers.BooleanField(
        help_text="True if the candidate had confirmed and has to confirm again."
    )
    warnings = ConflictPart(many=True, help_text="Conflicts that an override_reason confirms.")


class ShiftResult(serializers.Serializer[Any]):
    moved = MovedPart(many=True)
