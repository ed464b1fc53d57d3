"""One's own notices over the API."""

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
from interview.live.topics import NOTICE_RELATED
from interview.models import Notification
from interview.services import notices_read
from monitoring.http.filters import LARGEST_ID
from realtime.http.idempotency import IdempotentView

READ_AT_ONCE = 500


class NoticeRow(RowSerializer):
    """A notice as the person's own page shows it."""

    event = serializers.ChoiceField(choices=Notification.Event.choices)
    text = serializers.CharField()
    url = serializers.CharField()
    at = serializers.DateTimeField()
    read = serializers.BooleanField()


class ReadSerializer(serializers.Serializer[Any]):
    """Which notices; all of one's own when none are named."""

    ids = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=LARGEST_ID),
        max_length=READ_AT_ONCE,
        required=False,
    )


class ReadResult(serializers.Serializer[Any]):
    read = serializers.IntegerField(help_text="How many were not read before.")


class NoticeViewSet(IdempotentView, GenericViewSet[Notification]):
    """What one has been told, newest first."""

    queryset = Notification.objects.none()
    serializer_class = NoticeRow
    filterset_class = NoticeFilter

    def get_queryset(self) -> QuerySet[Notification]:
        user: Any = self.request.user
        return Notification.objects.filter(recipient=user).select_related(*NOTICE_RELATED)

    def list(self, request: Request) -> Response:
        """Newest first."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        return self.get_paginated_response([notice_row(notice) for notice in page])

    @extend_schema(request=ReadSerializer, responses=ReadResult)
    @action(detail=False, methods=["post"], filter_backends=[], pagination_class=None)
    def read(self, request: Request) -> Response:
        """Mark notices as read. Ids of other people's notices change nothing."""
        asked = ReadSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        user: Any = request.user
        return Response({"read": notices_read(recipient=user, ids=asked.validated_data.get("ids"))})
