"""API of bulk plans: propose, adjust, apply and take back many interviews together."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import time
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.models import User
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from interview.api.serializers import rooms_of
from interview.bulk import plans, start
from interview.bulk.presenters import plan_row
from interview.models import BulkLine, BulkPlan, Room, RoundTemplate
from interview.rules.limits import BUFFER_MINUTES, DAILY_LOAD_LIMIT
from jobs.api.permissions import IsCoordinator
from jobs.api.serializers import OwnCampaignField
from jobs.models import Application
from monitoring.http.api_dates import ApiDayField, MomentField
from monitoring.http.filters import LARGEST_ID
from realtime.http.idempotency import IdempotentView
from realtime.models import TaskRun

NOT_FOUND = _("Not found: %(ids)s.")


def id_list(max_length: int) -> serializers.ListField:
    pk = serializers.IntegerField(min_value=1, max_value=LARGEST_ID)
    return serializers.ListField(child=pk, allow_empty=False, max_length=max_length)


def require_all(found: dict[int, Any], ids: Sequence[int]) -> list[Any]:
    """The found objects in the order of `ids`. Raises ValidationError if one is missing."""
    if missing := [str(one) for one in ids if one not in found]:
        raise serializers.ValidationError(NOT_FOUND % {"ids": ", ".join(missing)})
    return [found[one] for one in ids]


class UserScopedSerializer(serializers.Serializer[Any]):
    """Resolves lists of ids to the objects that the user may see, with one query for each list."""

    @property
    def _user(self) -> Any:
        return self.context["request"].user

    def validate_rooms(self, ids: Sequence[int]) -> list[Room]:
        return require_all(rooms_of(self._user).in_bulk(ids), ids)

    def validate_interviewers(self, ids: Sequence[int]) -> list[User]:
        return require_all(User.objects.in_bulk(ids), ids)

    def validate_applications(self, ids: Sequence[int]) -> list[Application]:
        visible = Application.objects.visible_to(self._user).select_related("job")
        return require_all(visible.in_bulk(ids), ids)


class BulkPlanEntry(UserScopedSerializer):
    """The constraints of a plan, and its applications in the order in which slots are assigned."""

    campaign = OwnCampaignField()
    applications = id_list(plans.MAX_LINES)
    round = serializers.IntegerField(min_value=1, help_text="Number of the round.")
    rooms = id_list(100)
    interviewers = id_list(200)
    days = serializers.ListField(child=ApiDayField(), max_length=plans.MAX_DAYS)
    opens_at = serializers.TimeField(default=time(9))
    closes_at = serializers.TimeField(default=time(18))
    slot_minutes = serializers.IntegerField(required=False)
    buffer_minutes = serializers.IntegerField(default=BUFFER_MINUTES)
    people_each = serializers.IntegerField(default=1)
    daily_limit = serializers.IntegerField(default=DAILY_LOAD_LIMIT)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        rounds = RoundTemplate.objects.for_campaign(attrs["campaign"].pk)
        found = rounds.filter(number=attrs["round"]).first()
        if found is None:
            raise serializers.ValidationError({"round": _("There is no such round.")})
        return {"slot_minutes": found.duration_minutes} | attrs | {"round": found}


class VersionEntry(serializers.Serializer[Any]):
    version = serializers.IntegerField(min_value=1, help_text="The plan's version, as it was read.")


class TakeBackEntry(VersionEntry):
    reason = serializers.CharField(max_length=300)


class BulkLineEntry(UserScopedSerializer, VersionEntry):
    """Changes of a line; fields that are not given stay.

    A new slot locks the line unless `is_locked` is false.
    """

    starts_at = MomentField(required=False)
    room = serializers.IntegerField(min_value=1, max_value=LARGEST_ID, required=False)
    interviewers = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=LARGEST_ID),
        allow_empty=False,
        max_length=20,
        required=False,
    )
    is_locked = serializers.BooleanField(required=False)
    is_left_out = serializers.BooleanField(required=False)
    override_reason = serializers.CharField(max_length=300, required=False, allow_blank=True)

    def validate_room(self, pk: int) -> Room:
        found: Room = self.validate_rooms([pk])[0]
        return found


class BulkLineRow(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    application = serializers.IntegerField()
    candidate = serializers.CharField()
    starts_at = serializers.DateTimeField(allow_null=True)
    ends_at = serializers.DateTimeField(allow_null=True)
    room = serializers.IntegerField(allow_null=True)
    interviewers = serializers.ListField(child=serializers.IntegerField())
    is_locked = serializers.BooleanField()
    is_left_out = serializers.BooleanField()
    override_reason = serializers.CharField()
    interview = serializers.IntegerField(allow_null=True, help_text="The created interview.")
    problem = serializers.CharField(help_text="Why it has no slot or was refused, or empty.")
    obstacles = serializers.ListField(child=serializers.CharField())
    warnings = serializers.ListField(
        child=serializers.CharField(), help_text="Warnings that an override_reason overrides."
    )


class BulkPlanRow(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    version = serializers.IntegerField()
    campaign = serializers.SlugField()
    round = serializers.IntegerField()
    task = serializers.UUIDField(allow_null=True)
    is_busy = serializers.BooleanField(help_text="A task is running; it cannot be changed.")
    lines = BulkLineRow(many=True)


TASK = inline_serializer("BulkPlanAccepted", {"task": serializers.UUIDField()})


class BulkPlanViewSet(IdempotentView, GenericViewSet[BulkPlan]):
    """The bulk plans of the user's campaigns."""

    queryset = BulkPlan.objects.none()
    serializer_class = BulkPlanRow
    permission_classes = [IsCoordinator]
    lookup_value_regex = "[0-9]{1,18}"
    filter_backends: list[Any] = []

    def get_queryset(self) -> Any:
        visible = BulkPlan.objects.visible_to(self.request.user)
        return visible.select_related("campaign", "round", "task")

    @extend_schema(request=BulkPlanEntry, responses={201: BulkPlanRow})
    def create(self, request: Request) -> Response:
        """Propose a slot for each application. No interview is created yet."""
        data = self._validated(BulkPlanEntry(data=request.data, **self._context()))
        plan = plans.bulk_plan_create(owner=self._person, **data)
        return Response(plan_row(self._fresh(plan.pk)), status=status.HTTP_201_CREATED)

    def retrieve(self, request: Request, pk: str) -> Response:
        """The plan with its lines and their current obstacles and warnings."""
        return Response(plan_row(self.get_object()))

    @extend_schema(request=BulkLineEntry, responses=BulkPlanRow)
    @action(detail=True, methods=["patch"], url_path="lines/(?P<line>[0-9]{1,18})")
    def lines(self, request: Request, pk: str, line: str) -> Response:
        """Change, lock or exclude one line."""
        plan = self.get_object()
        with timezone.override(ZoneInfo(plan.campaign.time_zone)):
            data = self._validated(BulkLineEntry(data=request.data, **self._context()))
        if not BulkLine.objects.filter(plan=plan, pk=line).exists():
            raise NotFound
        plans.bulk_line_change(plan_id=plan.pk, line_id=int(line), **data)
        return Response(plan_row(self._fresh(plan.pk)))

    @extend_schema(request=VersionEntry, responses=BulkPlanRow)
    @action(detail=True, methods=["post"])
    def propose(self, request: Request, pk: str) -> Response:
        """Propose slots again for lines that are neither locked nor excluded."""
        data = self._validated(VersionEntry(data=request.data))
        plans.bulk_plan_propose(plan_id=self.get_object().pk, **data)
        return Response(plan_row(self._fresh(int(pk))))

    @extend_schema(request=VersionEntry, responses={202: TASK})
    @action(detail=True, methods=["post"])
    def apply(self, request: Request, pk: str) -> Response:
        """Create the interviews in a background task. Repeating the request does not repeat it."""
        data = self._validated(VersionEntry(data=request.data))
        return _accepted(
            start.bulk_plan_start(plan_id=self.get_object().pk, by=self._person, **data)
        )

    @extend_schema(request=TakeBackEntry, responses={202: TASK})
    @action(detail=True, methods=["post"], url_path="take-back")
    def take_back(self, request: Request, pk: str) -> Response:
        """Cancel the plan's interviews that have not started, in a background task."""
        data = self._validated(TakeBackEntry(data=request.data))
        return _accepted(
            start.bulk_plan_take_back(plan_id=self.get_object().pk, by=self._person, **data)
        )

    def _validated(self, entry: serializers.Serializer[Any]) -> dict[str, Any]:
        entry.is_valid(raise_exception=True)
        data: dict[str, Any] = entry.validated_data
        return data

    def _context(self) -> dict[str, Any]:
        return {"context": self.get_serializer_context()}

    def _fresh(self, pk: int) -> BulkPlan:
        plan: BulkPlan = self.get_queryset().get(pk=pk)
        return plan

    @property
    def _person(self) -> Any:
        return self.request.user


def _accepted(run: TaskRun) -> Response:
    return Response({"task": run.pk}, status=status.HTTP_202_ACCEPTED)
