"""Lists that show their newest rows only: a row that is pushed over the edge is a change, too.

Otherwise a page left open would hold more than a page opened now.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from django.db.models import F, Model, QuerySet, Window
from django.db.models.functions import RowNumber

ModelT = TypeVar("ModelT", bound=Model)


def newest(rows: QuerySet[ModelT], kept: int) -> QuerySet[ModelT]:
    """The same rows, as a condition: of those in the order of their model, the first so many."""
    shown: QuerySet[ModelT] = rows.model._default_manager.filter(pk__in=rows.values("pk")[:kept])
    return shown


def at_the_edge(rows: QuerySet[Any], kept: int, *, each: str) -> Iterable[tuple[Any, Any]]:
    """(`each`, primary key) of the last row that is shown and of the first that is not, for each
    value of this field; in one query. The model orders its rows from the newest on.
    """
    order = [F(str(name).removeprefix("-")).desc() for name in rows.model._meta.ordering]
    place = Window(RowNumber(), partition_by=F(each), order_by=order)
    edge = rows.order_by().annotate(place=place).filter(place__in=(kept, kept + 1))
    pairs: Iterable[tuple[Any, Any]] = edge.values_list(each, "pk")
    return pairs
