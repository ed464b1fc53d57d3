"""Read-only admin page of the audit log."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from monitoring.admin_base import BaseAdmin, ReadOnlyAdminMixin
from monitoring.audit.access import visible_entries
from monitoring.audit.models import AuditEntry

IDS_SHOWN = 5


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdminMixin, BaseAdmin):
    """Audit entries the user may see, newest first; searchable by record id or request id."""

    list_display = ["at", "who", "action", "label", "records", "field_names", "source"]
    list_filter = ["action", "label"]
    search_fields = ["ids", "request_id"]
    search_help_text = _("Search by the ID of a record or of a request.")
    date_hierarchy = "at"
    list_per_page = 50

    def get_queryset(self, request: HttpRequest) -> QuerySet[AuditEntry]:
        return visible_entries(request.user).select_related("actor")

    def get_search_results(
        self, request: HttpRequest, queryset: Any, search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        term = search_term.strip()
        if term.isdecimal() and len(term) <= 18:
            return queryset.filter(ids__contains=[int(term)]), False
        return (queryset.filter(request_id=term) if term else queryset), False

    @admin.display(description=_("by"), ordering="actor")
    def who(self, entry: AuditEntry) -> str:
        return str(entry.actor or "") if entry.actor_id else "—"

    @admin.display(description=_("records"))
    def records(self, entry: AuditEntry) -> str:
        shown = ", ".join(str(one) for one in entry.ids[:IDS_SHOWN])
        return shown if entry.count <= IDS_SHOWN else f"{shown} … ({entry.count})"

    @admin.display(description=_("fields"))
    def field_names(self, entry: AuditEntry) -> str:
        return ", ".join(entry.fields)
