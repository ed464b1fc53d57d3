"""Topics, the live lists that clients follow: their names, access rules and rows.

Each app registers the kinds of topics that it owns. This module knows only their names.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Q

SUMMARY_KEYS = "counter:"
"""How the keys of summary rows begin, which are computed from many other rows of their topic."""

Row = dict[str, Any]
"""A row as it goes over the wire: `key`, `kind`, `version`, then its fields; plain JSON values."""


ChangedRows = Callable[[Mapping[str, list[str]]], Mapping[str, Iterable[Row]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicKind:
    """A family of topics that share a prefix, such as `board` for `board.spring`.

    `name` is the part of a topic after the prefix.

    watchers(users, name)   the ids of those users who may watch the topic
    all_rows(name)          every row, in a constant number of queries
    changed_rows(changed)   topic → the current rows of these keys, for many topics (topic → keys);
                            a key without a row has left its topic. Kinds with the same function are
                            asked together, so that they share what they read
    is_name(name)           whether a topic of this name can exist; those of other versions may not
    full_names(names)       name → the complete name, for those of these names that lack a part,
                            such as the day; None if no name may
    """

    prefix: str
    watchers: Callable[[Sequence[User], str], set[int]]
    all_rows: Callable[[str], Iterable[Row]]
    changed_rows: ChangedRows
    is_name: Callable[[str], bool] = lambda name: True
    full_names: Callable[[Collection[str]], Mapping[str, str]] | None = None


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


def is_known(topic: str) -> bool:
    """Whether this version has the topic. During an update, the other one records its own."""
    prefix, _, name = topic.partition(".")
    return prefix in _kinds and _kinds[prefix].is_name(name)


def prefix_of(topic: str) -> str:
    """The prefix of a topic: `board` for `board.spring`."""
    return topic.partition(".")[0]


def prefixes() -> list[str]:
    """The prefixes of all registered kinds, in the order of registration."""
    return list(_kinds)


def may_watch(user: Any, topic: str) -> bool:
    """Whether this user may follow a topic."""
    return bool(allowed_user_ids([user], topic))


def allowed_user_ids(users: Iterable[Any], topic: str) -> set[int]:
    """The ids of those users who may follow a topic. All access checks of topics come here."""
    if not is_known(topic):
        return set()
    kind, name = kind_of(topic)
    active = [user for user in users if user.is_authenticated and user.is_active]
    return kind.watchers(active, name) if active else set()


def one_by_one(rows_of: Callable[[str, list[str]], Iterable[Row]]) -> ChangedRows:
    """`changed_rows` of a kind whose topics share nothing. rows_of(name, keys): of one topic."""

    def changed_rows(changed: Mapping[str, list[str]]) -> dict[str, Iterable[Row]]:
        return {topic: rows_of(kind_of(topic)[1], keys) for topic, keys in changed.items()}

    return changed_rows


def changed_rows(changed: Mapping[str, list[str]]) -> dict[str, Iterable[Row]]:
    """Topic → the current rows of these keys (topic → keys)."""
    together: defaultdict[ChangedRows, dict[str, list[str]]] = defaultdict(dict)
    for topic, keys in changed.items():
        together[kind_of(topic)[0].changed_rows][topic] = keys
    found: dict[str, Iterable[Row]] = {}
    for read, part in together.items():
        found |= read(part)
    return found


def full_topics(topics: Collection[str]) -> dict[str, str]:
    """Topic → the topic that it stands for, such as `board.spring` for today's.

    Takes at most one query for each kind.
    """
    names: defaultdict[str, list[str]] = defaultdict(list)
    for topic in topics:
        names[prefix_of(topic)].append(kind_of(topic)[1])
    found = {topic: topic for topic in topics}
    for prefix, asked in names.items():
        if (full_names := _kinds[prefix].full_names) is not None:
            found |= {
                f"{prefix}.{short}": f"{prefix}.{full}" for short, full in full_names(asked).items()
            }
    return found


def board(campaign_slug: str, day: date) -> str:
    return f"board.{campaign_slug}.{day.isoformat()}"


def wall(campaign_slug: str, day: date) -> str:
    return f"wall.{campaign_slug}.{day.isoformat()}"


def every_board(campaign_slug: str) -> str:
    """The boards of all days, as a marker names them; see `realtime.relay.numbering`."""
    return f"board.{campaign_slug}.*"


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
