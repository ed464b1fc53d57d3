"""API of the user's own notices."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from interview.api.filters import NoticeFilter
from interview.api.serializers import RowSerializer
from interview.live.rows import notice_row
from interview.models import Notification
from interview.services import notices_read
from monitoring.http.filters import LARGEST_ID
from realtime.http.idempotency import IdempotentView

MAX_IDS = 500


class NoticeRow(RowSerializer):
    """A notice, as on the interviewer's page."""

    event = serializers.ChoiceField(choices=Notification.Event.choices)
    text = serializers.CharField()
    url = serializers.CharField()
    at = serializers.DateTimeField()
    read = serializers.BooleanField()


class ReadSerializer(serializers.Serializer[Any]):
    """Ids of the notices; all of the user's notices if omitted."""

    ids = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=LARGEST_ID),
        max_length=MAX_IDS,
        required=False,
    )


class ReadResult(serializers.Serializer[Any]):
    read = serializers.IntegerField(help_text="Number of notices that were unread.")


class NoticeViewSet(IdempotentView, GenericViewSet[Notification]):
    """The user's own notices, newest first."""

    queryset = Notification.objects.none()
    serializer_class = NoticeRow
    filterset_class = NoticeFilter

    def get_queryset(self) -> QuerySet[Notification]:
        user: Any = self.request.user
        return Notification.objects.filter(recipient=user).for_reading()

    def list(self, request: Request) -> Response:
        """Newest first."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        return self.get_paginated_response([notice_row(notice) for notice in page])

    @extend_schema(request=ReadSerializer, responses=ReadResult)
    @action(detail=False, methods=["post"], filter_backends=[], pagination_class=None)
    def read(self, request: Request) -> Response:
        """Mark notices as read. Ids of other people's notices change nothing."""
        entry = ReadSerializer(data=request.data)
        entry.is_valid(raise_exception=True)
        user: Any = request.user
        return Response({"read": notices_read(recipient=user, ids=entry.validated_data.get("ids"))})
