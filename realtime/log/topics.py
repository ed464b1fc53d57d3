"""Topics, the live lists that clients follow: their names, access rules and rows.

Each app registers the kinds of topics that it owns. This module knows only their names.
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
    """A family of topics that share a prefix, such as `board` for `board.autumn`.

    In all three functions, `name` is the part after the prefix.

    watchers(users, name)   the ids of those users who may watch the topic
    all_rows(name)          every row, in a constant number of queries
    rows_of(name, keys)     the current rows of these keys; a key without a row has left the topic
    """

    prefix: str
    watchers: Callable[[Sequence[User], str], set[int]]
    all_rows: Callable[[str], Iterable[Row]]
    rows_of: Callable[[str, list[str]], Iterable[Row]]


_kinds: dict[str, TopicKind] = {}


def register(kind: TopicKind) -> None:
    """Make a kind of topics known. Apps call it at start-up."""
    _kinds[kind.prefix] = kind


def kind_of(topic: str) -> tuple[TopicKind, str]:
    """The kind of a topic, and its name without the prefix.

    Raises KeyError if no app has registered the kind.
    """
    prefix, _, name = topic.partition(".")
    return _kinds[prefix], name


def prefix_of(topic: str) -> str:
    """The prefix of a topic: `board` for `board.autumn`."""
    return topic.partition(".")[0]


def prefixes() -> list[str]:
    """The prefixes of all registered kinds, in the order of registration."""
    return list(_kinds)


def may_watch(user: Any, topic: str) -> bool:
    """Whether this user may follow a topic."""
    return bool(allowed_user_ids([user], topic))


def allowed_user_ids(users: Iterable[Any], topic: str) -> set[int]:
    """The ids of those users who may follow a topic. All access checks of topics come here."""
    kind, name = kind_of(topic)
    active = [user for user in users if user.is_authenticated and user.is_active]
    return kind.watchers(active, name) if active else set()


def board(campaign_slug: str) -> str:
    return f"board.{campaign_slug}"


def wall(campaign_slug: str) -> str:
    return f"wall.{campaign_slug}"


def person(user_id: int) -> str:
    return f"person.{user_id}"


def tasks(user_id: int | None = None) -> str:
    """The topic of a user's background tasks; without a user, of everyone's."""
    return "tasks" if user_id is None else f"tasks.{user_id}"


def ops() -> str:
    return "ops"


def is_for_operations(topic: str) -> bool:
    """Whether a topic tells about the whole site: API tokens need the scope `operations` for it."""
    return topic in {tasks(), ops()}


def operator_ids(users: Sequence[User]) -> set[int]:
    """The ids of those users who are in the group `operations`, or superusers."""
    ids = [user.pk for user in users]
    operators = User.objects.filter(Q(is_superuser=True) | Q(groups__name="operations"), pk__in=ids)
    return set(operators.values_list("pk", flat=True))
