"""The topic `ops`: the rows of the operations page. Each app registers a RowSource per kind.

Rows contain ids and kinds only: operations staff see that something failed, not for whom.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.db.models import QuerySet

from realtime.log import changes, topics
from realtime.log.topics import TopicKind
from realtime.operations.bounded_reads import read_or_none
from realtime.protocol.server_frames import Row

ROWS_SHOWN = 20  # per kind of incident; older ones are in the admin


@dataclass(frozen=True, slots=True, kw_only=True)
class RowSource:
    """One kind of rows.

    prefix    of their keys: "message" for the key `message:17`
    queryset  all objects of this kind, newest first
    row       builds the row of one object
    limit     how many are shown; None: all
    texts     code → text for the codes in these rows, in the active language
    """

    prefix: str
    queryset: Callable[[], QuerySet[Any]]
    row: Callable[[Any], Row]
    limit: int | None = ROWS_SHOWN
    texts: Callable[[], Mapping[str, str]] = dict

    def rows(self, ids: Sequence[str] | None = None) -> list[Row]:
        """The shown rows, or those of them with these ids, in one query."""
        shown = self.queryset()[: self.limit]
        if ids is not None:
            shown = self.queryset().filter(pk__in=shown.values("pk")).filter(pk__in=ids)
        return [self.row(one) for one in shown]

    def boundary_ids(self, number: int) -> list[object]:
        """Ids that may have entered or left the list after `number` insertions or deletions."""
        if self.limit is None:
            return []
        around = slice(max(self.limit - number, 0), self.limit + number)
        return list(self.queryset().values_list("pk", flat=True)[around])


_sources: dict[str, RowSource] = {}


def register(source: RowSource) -> None:
    _sources[source.prefix] = source


def register_topic() -> None:
    topics.register(
        TopicKind(
            prefix="ops",
            watchers=watchers,
            all_rows=all_rows,
            changed_rows=topics.one_by_one(rows_of),
        )
    )


def watchers(people: Sequence[User], name: str) -> set[int]:
    """Operations staff. The topic has no sub-topics, so a non-empty name has no watchers."""
    return set() if name else topics.operator_ids(people)


def all_rows(name: str = "") -> Iterable[Row]:
    return [row for source in _sources.values() for row in source.rows()]


def readable_rows() -> tuple[list[Row], list[str]]:
    """All rows, and the prefixes of those that cannot be read, as while their table is locked."""
    rows: list[Row] = []
    unread: list[str] = []
    for prefix, source in _sources.items():
        found = read_or_none(source.rows)
        if found is None:
            unread.append(prefix)
        else:
            rows += found
    return rows, unread


def rows_of(name: str, keys: Sequence[str]) -> Iterable[Row]:
    parts = [key.partition(":") for key in keys]
    return [
        row
        for source in _sources.values()
        if (ids := [part for prefix, _, part in parts if prefix == source.prefix])
        for row in source.rows(ids)
    ]


def prefixes() -> list[str]:
    return list(_sources)


def texts() -> dict[str, str]:
    return {key: text for source in _sources.values() for key, text in source.texts().items()}


def record(prefix: str, ids: Sequence[object]) -> None:
    """Records changes of these objects, and of objects that enter or leave the list with them.

    Call it in the transaction of the change, after the change; for a deletion also before it.
    """
    if not ids:
        return
    source = _sources[prefix]
    shown = dict.fromkeys([*ids, *source.boundary_ids(len(ids))])
    changes.record((topics.ops(), f"{prefix}:{one}") for one in shown)
