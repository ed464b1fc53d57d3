"""Runs of background work over the API."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from realtime import task_runs
from realtime.models import TaskRun
from realtime.task_runs import task_row


class TaskRow(serializers.Serializer[Any]):
    """A task as `realtime.task_runs.task_row` writes it; described here for the schema."""

    key = serializers.CharField()
    kind = serializers.CharField()
    version = serializers.IntegerField()
    id = serializers.UUIDField()
    name = serializers.CharField()
    title = serializers.CharField()
    state = serializers.ChoiceField(choices=TaskRun.State.choices)
    done = serializers.IntegerField()
    total = serializers.IntegerField()
    message = serializers.CharField()
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)
    eta_seconds = serializers.IntegerField(allow_null=True)
    owner = serializers.CharField()
    result_url = serializers.CharField()
    errors = serializers.IntegerField()  # type: ignore[assignment]  # the wire's name for a count
    can_cancel = serializers.BooleanField()


class TaskFilter(filters.FilterSet):
    state = filters.MultipleChoiceFilter(choices=TaskRun.State.choices)

    class Meta:
        model = TaskRun
        fields: list[str] = []


class TaskViewSet(GenericViewSet[TaskRun]):
    """One's own runs; operations see everybody's."""

    queryset = TaskRun.objects.none()
    serializer_class = TaskRow
    lookup_value_regex = "[0-9a-fA-F-]{36}"
    filterset_class = TaskFilter

    def get_queryset(self) -> QuerySet[TaskRun]:
        runs = TaskRun.objects.select_related("owner").order_by("-created_at", "pk")
        user: Any = self.request.user
        return runs if task_runs.sees_all(user) else runs.filter(owner=user)

    def list(self, request: Request) -> Response:
        """Newest first."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response([task_row(run) for run in page or []])

    def retrieve(self, request: Request, pk: str) -> Response:
        """A run as it stands in the database; its ticks go over the socket."""
        return Response(task_row(self.get_object()))

    @extend_schema(request=None, responses=TaskRow)
    @action(detail=True, methods=["post"], filter_backends=[])
    def cancel(self, request: Request, pk: str) -> Response:
        """Ask the work to stop at its next step."""
        run = self.get_object()
        if not task_row(run)["can_cancel"]:
            raise ValidationError({"state": [_("This task cannot be cancelled any more.")]})
        task_runs.request_cancel(run)
        return Response(task_row(self.get_object()))
