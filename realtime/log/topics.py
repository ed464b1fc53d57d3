"""Topics: names of live lists, and what each needs to be watched: access, snapshot, rows.

Domain apps register the topics they own; this module knows none of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Q

Row = dict[str, Any]
"""A row as it goes over the wire: `key`, `kind`, `version`, then its fields; plain JSON values."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicKind:
    """A family of topics that share a prefix, such as `board.` for every campaign's board.

    watchers(people, name)   decides at the door, for many at once: the ids of those of these people
                             who may watch; name is the part after the prefix
    all_rows(name)           every row, in a constant number of queries
    rows_of(name, keys)      the rows of these keys as they are now; a missing key is gone
    """

    prefix: str
    watchers: Callable[[Sequence[User], str], set[int]]
    all_rows: Callable[[str], Iterable[Row]]
    rows_of: Callable[[str, list[str]], Iterable[Row]]


_kinds: dict[str, TopicKind] = {}


def register(kind: TopicKind) -> None:
    _kinds[kind.prefix] = kind


def kind_of(topic: str) -> tuple[TopicKind, str]:
    """The kind that owns a topic, and the topic's own name within it.

    Raises KeyError for a topic that no app has registered.
    """
    prefix, _, name = topic.partition(".")
    return _kinds[prefix], name


def prefix_of(topic: str) -> str:
    """What kind of topic it is, in one word."""
    return topic.partition(".")[0]


def prefixes() -> list[str]:
    """All kinds of topics, in the order in which they were registered."""
    return list(_kinds)


def may_watch(user: Any, topic: str) -> bool:
    """Whether this person may follow a topic."""
    return bool(watchers_among([user], topic))


def watchers_among(people: Iterable[Any], topic: str) -> set[int]:
    """The one place that decides who may follow a topic: the ids of those who may."""
    kind, name = kind_of(topic)
    present = [one for one in people if one.is_authenticated and one.is_active]
    return kind.watchers(present, name) if present else set()


def board(campaign_slug: str) -> str:
    return f"board.{campaign_slug}"


def wall(campaign_slug: str) -> str:
    return f"wall.{campaign_slug}"


def person(user_id: int) -> str:
    return f"person.{user_id}"


def tasks(user_id: int | None = None) -> str:
    return "tasks" if user_id is None else f"tasks.{user_id}"


def ops() -> str:
    return "ops"


def operators_among(people: Sequence[User]) -> set[int]:
    """Who of these operates the site: operations, and superusers."""
    ids = [one.pk for one in people]
    operate = User.objects.filter(Q(is_superuser=True) | Q(groups__name="operations"), pk__in=ids)
    return set(operate.values_list("pk", flat=True))
