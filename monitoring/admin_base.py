"""Base classes of all admin pages: what a list may be filtered by, and read-only pages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models.constants import LOOKUP_SEP
from django.http import HttpRequest

from monitoring.http.pagination import PrimaryKeyPaginator

LOOKUPS = {"exact", "in", "isnull", "gt", "gte", "lt", "lte"}  # those of Django's list filters
DATE_PARTS = ("year", "month", "day")  # those of its date hierarchy


class BaseAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not generic when it runs
    """Filters a list only by what the page offers.

    Django accepts any field of the model in the address of a list, so that people who see the list
    could ask about fields that it hides: `?mobile__startswith=…` finds a number digit by digit.
    """

    paginator = PrimaryKeyPaginator
    show_full_result_count = False  # counting all rows beside those found is slow

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        """The list; of a search without the date hierarchy, which would search three times more.

        It stays where it filters, because it shows the period and leads back.
        """
        found = super().get_changelist_instance(request)
        filters = any(name.startswith(f"{self.date_hierarchy}{LOOKUP_SEP}") for name in request.GET)
        if found.query and not filters:
            found.date_hierarchy = None
        return found

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Returns True for the key, the date hierarchy and the filters of the list."""
        path, _, kind = lookup.rpartition(LOOKUP_SEP)
        if kind not in LOOKUPS:
            path = lookup
        own, fields = set(), []
        filters: Any = self.get_list_filter(request)
        for one in filters:
            if isinstance(one, type):  # a SimpleListFilter, with a parameter of its own
                own.add(one.parameter_name)  # type: ignore[attr-defined]
            else:
                fields.append(one if isinstance(one, str) else one[0])
        return lookup in own or path in set(self._paths(fields))

    def _paths(self, fields: Iterable[str]) -> Iterator[str]:
        yield from ("pk", self.opts.pk.name)
        if self.date_hierarchy:
            yield self.date_hierarchy
            yield from (f"{self.date_hierarchy}{LOOKUP_SEP}{part}" for part in DATE_PARTS)
        for name in fields:
            yield name
            if related := self.opts.get_field(name).related_model:
                yield f"{name}{LOOKUP_SEP}{related._meta.pk.name}"


class ReadOnlyAdminMixin:
    """Users with the view permission can look; nobody can add, change or delete."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
