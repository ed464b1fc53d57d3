"""API endpoints for runs of background tasks, mounted by `project.api_urls`."""

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

from monitoring.http.filters import Ordering
from realtime.background import progress, task_rows, task_runs
from realtime.background.task_rows import task_row
from realtime.http.idempotency import IdempotentView
from realtime.http.tokens import allows_operations
from realtime.models import TaskRun


class TaskRow(serializers.Serializer[Any]):
    """Describes the output of `task_rows.task_row` for the OpenAPI schema."""

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
    rate = serializers.FloatField(allow_null=True)
    eta_seconds = serializers.IntegerField(allow_null=True)
    owner = serializers.CharField()
    owner_name = serializers.CharField()
    result_url = serializers.CharField()
    errors = serializers.IntegerField()  # type: ignore[assignment]  # the wire name of the count
    can_cancel = serializers.BooleanField()


class TaskFilter(filters.FilterSet):
    state = filters.MultipleChoiceFilter(choices=TaskRun.State.choices)
    ordering = Ordering("created_at", "started_at", "finished_at")

    class Meta:
        model = TaskRun
        fields: list[str] = []


class TaskViewSet(IdempotentView, GenericViewSet[TaskRun]):
    """The caller's own task runs; operations staff see everyone's.

    With a token they need its scope `operations` for that.
    """

    queryset = TaskRun.objects.none()
    serializer_class = TaskRow
    lookup_value_regex = "[0-9a-fA-F-]{36}"
    filterset_class = TaskFilter

    def get_queryset(self) -> QuerySet[TaskRun]:
        only_own = not allows_operations(self.request)
        runs = task_rows.visible_to(self.request.user, only_own=only_own)
        return runs.select_related("owner").order_by("-created_at", "pk")

    def list(self, request: Request) -> Response:
        """List task runs, newest first."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(rows_with_progress(page or []))

    def retrieve(self, request: Request, pk: str) -> Response:
        """Return one task run. While it is running, includes its latest progress."""
        return Response(rows_with_progress([self.get_object()])[0])

    @extend_schema(request=None, responses=TaskRow)
    @action(detail=True, methods=["post"], filter_backends=[])
    def cancel(self, request: Request, pk: str) -> Response:
        """Request cancellation; the task stops at its next step."""
        run = self.get_object()
        if not task_row(run)["can_cancel"]:
            raise ValidationError({"state": [_("This task cannot be cancelled any more.")]})
        task_runs.request_cancel(run)
        return Response(task_row(self.get_object()))


def rows_with_progress(runs: list[TaskRun]) -> list[dict[str, Any]]:
    """Return the rows as stored, with the latest progress merged into those that are running."""
    updates = progress.latest(runs)
    return [{**task_row(run), **updates.get(run.pk, {})} for run in runs]
