"""API of rooms, and of shifting all later interviews of a room."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from interview import services
from interview.api.filters import RoomFilter
from interview.api.serializers import (
    RoomChangeSerializer,
    RoomRow,
    RoomSerializer,
    ShiftResult,
    ShiftSerializer,
    conflict_rows,
    rooms_of,
)
from interview.live.rows import coordinators_room_rows, interview_key
from interview.models import Room
from interview.services.rooms import ShiftedInterview
from interview.services.transitions import Actor
from jobs.api.permissions import IsCoordinatorOrReadOnly
from realtime.http.idempotency import IdempotentView
from realtime.protocol.server_frames import Row, isoformat


class RoomViewSet(IdempotentView, GenericViewSet[Room]):
    """The rooms of the user's campaigns."""

    queryset = Room.objects.none()
    serializer_class = RoomSerializer
    permission_classes = [IsCoordinatorOrReadOnly]
    lookup_value_regex = "[0-9]{1,18}"
    filterset_class = RoomFilter

    def get_queryset(self) -> QuerySet[Room]:
        return rooms_of(self.request.user).order_by("campaign", "position", "name", "pk")

    @extend_schema(responses=RoomRow(many=True))
    def list(self, request: Request) -> Response:
        """By campaign, in the order of the board."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        return self.get_paginated_response(coordinators_room_rows(page))

    @extend_schema(responses=RoomRow)
    def retrieve(self, request: Request, pk: str) -> Response:
        """A room with its current delay."""
        return Response(coordinators_room_rows([self.get_object()])[0])

    @extend_schema(responses={201: RoomRow})
    def create(self, request: Request) -> Response:
        """Add a room to a campaign."""
        entry = self.get_serializer(data=request.data)
        entry.is_valid(raise_exception=True)
        room = services.room_save(room=Room(**entry.validated_data))
        return Response(coordinators_room_rows([room])[0], status=status.HTTP_201_CREATED)

    @extend_schema(request=RoomChangeSerializer, responses=RoomRow)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change or deactivate a room; fields that are not given stay.

        A new name, link or directions are told to the people of its interviews still to come.
        """
        room = self.get_object()
        entry = RoomChangeSerializer(room, data=request.data, context=self.get_serializer_context())
        entry.is_valid(raise_exception=True)
        by: Any = request.user
        actor = Actor(user=by, source="api")
        changed = services.room_update(room=room, actor=actor, **entry.validated_data)
        return Response(coordinators_room_rows([changed])[0])

    @extend_schema(request=ShiftSerializer, responses=ShiftResult)
    @action(detail=True, methods=["post"], filter_backends=[])
    def shift(self, request: Request, pk: str) -> Response:
        """Reschedule all later interviews of the day in this room.

        `dry_run` changes nothing. It answers as the shift would, and lists the warnings that an
        `override_reason` has to confirm.
        """
        room = self.get_object()
        with timezone.override(ZoneInfo(room.campaign.time_zone)):
            entry = ShiftSerializer(data=request.data)
            entry.is_valid(raise_exception=True)
        by: Any = request.user
        shifted = services.room_shift(
            room=room,
            minutes=entry.validated_data["minutes"],
            from_=entry.validated_data["from_"],
            actor=Actor(user=by, source="api"),
            is_preview=entry.validated_data["dry_run"],
            override_reason=entry.validated_data["override_reason"],
        )
        return Response({"moved": [shifted_row(one) for one in shifted]})


def shifted_row(shifted: ShiftedInterview) -> Row:
    return {
        "key": interview_key(shifted.interview.pk),
        "candidate": shifted.interview.application.candidate.name,
        "starts_at": isoformat(shifted.starts_at),
        "new_starts_at": isoformat(shifted.new_starts_at),
        "version": shifted.interview.version,
        "must_confirm": shifted.must_confirm,
        "warnings": conflict_rows(shifted.warnings),
    }
