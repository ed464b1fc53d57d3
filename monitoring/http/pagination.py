"""Pagination of long lists, on pages, in the admin and in the API."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet


class PrimaryKeyPaginator(Paginator):  # type: ignore[type-arg]
    """Finds the primary keys of a page in the index of the list's order, then reads only its rows.

    A page behind the middle is looked for from the end, so that the last one costs what the first
    does. Rows that are equal in the list's order are in that of their keys: PostgreSQL gives them
    in any order, and in another one from the end.
    """

    object_list: QuerySet[Any]

    def __init__(self, object_list: QuerySet[Any], *arguments: Any, **options: Any) -> None:
        super().__init__(in_total_order(object_list), *arguments, **options)

    def page(self, number: int | str) -> Page[Any]:
        number = self.validate_number(number)
        begins = (number - 1) * self.per_page
        ends = min(begins + self.per_page, self.count)
        return Page(self._rows(begins, ends), number, self)

    def _rows(self, begins: int, ends: int) -> list[Any]:
        keys = self._keys(begins, ends)
        rows = {row.pk: row for row in self.object_list.filter(pk__in=keys)}
        return [rows[key] for key in keys if key in rows]

    def _keys(self, begins: int, ends: int) -> list[Any]:
        keys = self.object_list.values_list("pk", flat=True)
        if begins <= self.count / 2:
            return list(keys[begins:ends])
        return list(keys.reverse()[self.count - ends : self.count - begins])[::-1]


def in_total_order(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Returns the rows in their order, and equal ones in that of their primary keys."""
    options = rows.model._meta
    order = rows.query.order_by or (options.ordering if rows.query.default_ordering else ())
    named = {name.lstrip("-") for name in order if isinstance(name, str)}
    return rows if named & {"pk", options.pk.name} else rows.order_by(*order, "pk")
