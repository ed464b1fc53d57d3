"""Lists that show only their newest rows, such as the last 100 task runs.

When a row enters such a list, another one leaves it. That one has to be recorded as a change too,
or a page that stays open would show more rows than a page opened now.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from django.db.models import F, Model, QuerySet, Window
from django.db.models.functions import RowNumber

ModelT = TypeVar("ModelT", bound=Model)


def newest_rows(rows: QuerySet[ModelT], limit: int) -> QuerySet[ModelT]:
    """The first `limit` of these rows, as a queryset that can be filtered further."""
    newest: QuerySet[ModelT] = rows.model._default_manager.filter(pk__in=rows.values("pk")[:limit])
    return newest


def window_boundary(
    rows: QuerySet[Any], limit: int, *, partition_by: str
) -> Iterable[tuple[Any, Any]]:
    """The last row inside and the first row outside of each list, in one query.

    partition_by: the field that says to which list a row belongs, such as "owner". Returns pairs of
    this field's value and the row's primary key. The model's `ordering` must be descending.
    """
    order = [F(str(name).removeprefix("-")).desc() for name in rows.model._meta.ordering]
    place = Window(RowNumber(), partition_by=F(partition_by), order_by=order)
    boundary = rows.order_by().annotate(place=place).filter(place__in=(limit, limit + 1))
    pairs: Iterable[tuple[Any, Any]] = boundary.values_list(partition_by, "pk")
    return pairs
