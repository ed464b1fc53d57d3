"""The relay: gives pending markers their positions, renders the rows, hands one message per topic
on.

Any number may run: markers are claimed with SKIP LOCKED and positions given under the topic's row
lock. A crash between the two commits costs latency only, since hubs compare tops with the database.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from realtime.log import reader
from realtime.models import Change, TopicHead
from realtime.protocol.server_frames import Batch

BATCH_MARKERS = 2000


def everybody(topics: set[str]) -> set[str]:
    """All of them."""
    return topics


@dataclass(frozen=True, slots=True)
class Numbered:
    """Positions `first`…`last` of a topic, just given, one per key.

    folded: markers that got none, since a later one of the same key did.
    """

    topic: str
    epoch: str
    first: int
    last: int
    keys: list[str]
    committed_at: datetime
    folded: int


def publish_pending(audience: Callable[[set[str]], set[str]] = everybody) -> list[Batch]:
    """Number one batch of pending markers and render the rows of the topics that have an audience.

    audience: of these topics, those that are shown somewhere; asked after the positions were given.
    """
    return rendered(give_positions(), audience)


def rendered(numbered: list[Numbered], audience: Callable[[set[str]], set[str]]) -> list[Batch]:
    """The rows of these positions as they are now, for the topics that have an audience."""
    shown = audience({part.topic for part in numbered})
    return [
        Batch(
            topic=part.topic,
            epoch=part.epoch,
            first=part.first,
            last=part.last,
            changes=reader.render(part.topic, part.keys),
            positions=dict(zip(part.keys, range(part.first, part.last + 1), strict=True)),
            committed_at=part.committed_at.isoformat(),
        )
        for part in numbered
        if part.topic in shown
    ]


@transaction.atomic
def give_positions() -> list[Numbered]:
    """Claim pending markers, fold those of one key, and number the rest topic by topic."""
    pending = list(
        Change.objects.filter(position=None)
        .order_by("id")
        .select_for_update(skip_locked=True)[:BATCH_MARKERS]
    )
    by_topic: dict[str, dict[str, Change]] = defaultdict(dict)
    for marker in pending:
        by_topic[marker.topic].pop(marker.key, None)  # the last marker of a key stands for all
        by_topic[marker.topic][marker.key] = marker
    claimed = Counter(marker.topic for marker in pending)
    heads = _lock_heads(sorted(by_topic))
    numbered = [
        _number(heads[topic], list(by_topic[topic].values()), claimed[topic])
        for topic in sorted(by_topic)
    ]
    _write_positions([marker for markers in by_topic.values() for marker in markers.values()])
    kept = {marker.pk for markers in by_topic.values() for marker in markers.values()}
    Change.objects.filter(pk__in=[m.pk for m in pending if m.pk not in kept]).delete()
    TopicHead.objects.bulk_update(heads.values(), ["position"])
    return numbered


def _lock_heads(topics: list[str]) -> dict[str, TopicHead]:
    """Locked in the order of their names, so that two relays cannot wait for each other."""
    TopicHead.objects.bulk_create(
        [TopicHead(topic=topic) for topic in topics], ignore_conflicts=True
    )
    heads = TopicHead.objects.filter(topic__in=topics).order_by("topic").select_for_update()
    return {head.topic: head for head in heads}


def _number(head: TopicHead, markers: list[Change], claimed: int) -> Numbered:
    first = head.position + 1
    for marker in markers:
        head.position += 1
        marker.position = head.position
    return Numbered(
        topic=head.topic,
        epoch=head.epoch,
        first=first,
        last=head.position,
        keys=[marker.key for marker in markers],
        committed_at=min(marker.recorded_at for marker in markers),
        folded=claimed - len(markers),
    )


def _write_positions(markers: list[Change]) -> None:
    """One statement for any number of markers; bulk_update's CASE grows with the square of them."""
    if not markers:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE realtime_change SET position = given.position
            FROM unnest(%s::bigint[], %s::bigint[]) AS given (id, position)
            WHERE realtime_change.id = given.id
            """,
            [[marker.pk for marker in markers], [marker.position for marker in markers]],
        )
