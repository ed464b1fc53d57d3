"""Read-only API endpoint of the audit log."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.viewsets import GenericViewSet

from monitoring.audit.access import may_read, visible_entries
from monitoring.audit.models import Action, AuditEntry
from monitoring.http.filters import IdFilter, Ordering, UtcDateTimeFilter


class AuditSerializer(serializers.ModelSerializer[AuditEntry]):
    """One audit entry: ids of records and names of fields, no values."""

    actor = serializers.SerializerMethodField()

    class Meta:
        model = AuditEntry
        fields = [
            *("id", "at", "actor", "action", "label", "ids", "count", "fields", "source"),
            "request_id",
        ]

    def get_actor(self, entry: AuditEntry) -> int | None:
        """ID of the user, even if the account has been deleted."""
        return entry.actor_id


class AuditFilter(filters.FilterSet):
    label = filters.CharFilter()
    record = IdFilter(method="of_record", label="id of a record")
    actor = IdFilter(field_name="actor_id")
    action = filters.ChoiceFilter(choices=Action.choices)
    request_id = filters.CharFilter()
    at_after = UtcDateTimeFilter(field_name="at", lookup_expr="gte")
    at_before = UtcDateTimeFilter(field_name="at", lookup_expr="lte")
    ordering = Ordering("at")

    class Meta:
        model = AuditEntry
        fields: list[str] = []

    def of_record(
        self, entries: QuerySet[AuditEntry], name: str, value: int
    ) -> QuerySet[AuditEntry]:
        return entries.filter(ids__contains=[value])


class MayReadAudit(BasePermission):
    """Allows coordinators and superusers. Others get 403 instead of a misleading empty list."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return may_read(request.user)


class AuditViewSet(ListModelMixin, GenericViewSet[AuditEntry]):
    """Audit entries of the records the caller coordinates, newest first; superusers see all.

    403 for callers who are not coordinators.
    """

    permission_classes = (MayReadAudit,)
    queryset = AuditEntry.objects.none()
    serializer_class = AuditSerializer
    filterset_class = AuditFilter

    def get_queryset(self) -> QuerySet[AuditEntry]:
        return visible_entries(self.request.user)
