"""Querysets that are compiled to SQL once, for statements that run many times a second.

Django compiles a queryset anew for each execution. For a statement with several joins and
subqueries, that takes as long as reading ten rows with it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Expression, QuerySet
from django.db.models.expressions import RawSQL

Converters = dict[int, tuple[list[Callable[..., Any]], Expression]]


@dataclass(frozen=True, slots=True)
class Parameter:
    """Stands for a value that is given at each execution."""

    name: str


def parameter(name: str) -> RawSQL:
    """A value of a condition: `filter(starts_at__gt=parameter("since"))`."""
    return RawSQL("%s", [Parameter(name)])


def ids_parameter(name: str) -> RawSQL:
    """A list of ids: `filter(pk__in=ids_parameter("ids"))`."""
    return RawSQL("SELECT unnest(%s::bigint[])", [Parameter(name)])


@dataclass(frozen=True, slots=True)
class _Statement:
    sql: str
    params: tuple[Any, ...]
    converters: Converters


class CompiledQuery:
    """A queryset with `values_list`, compiled at its first execution.

    build: returns the queryset, whose conditions contain parameters.
    """

    def __init__(self, build: Callable[[], QuerySet[Any, Any]]) -> None:
        self._build = build
        self._statement: _Statement | None = None

    def rows(self, **values: Any) -> list[list[Any]]:
        """Execute the query with these values of its parameters; returns its rows."""
        if self._statement is None:
            self._statement = _compiled(self._build())
        given = [
            values[one.name] if isinstance(one, Parameter) else one
            for one in self._statement.params
        ]
        with connection.cursor() as cursor:
            cursor.execute(self._statement.sql, given)
            rows = [list(row) for row in cursor.fetchall()]
        _convert(rows, self._statement.converters)
        return rows


def _compiled(queryset: QuerySet[Any, Any]) -> _Statement:
    compiler = queryset.query.get_compiler(connection=connection)
    sql, params = compiler.as_sql()
    columns = [column for column, _, _ in compiler.select]
    return _Statement(sql, tuple(params), compiler.get_converters(columns))


def _convert(rows: list[list[Any]], converters: Converters) -> None:
    """Apply Django's conversions of the columns, such as JSON text to lists."""
    for place, (functions, expression) in converters.items():
        for row in rows:
            for function in functions:
                row[place] = function(row[place], expression, connection)
