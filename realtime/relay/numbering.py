"""Assigns positions to pending changes, and renders their rows as one batch per topic.

Any number of relays may run: each claims changes with SKIP LOCKED, and assigns positions while it
holds the lock of the topic's head. If a relay crashes before it publishes a batch, the hubs still
find the new positions, because they compare their last position with the database every second.
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
from realtime.relay.epochs import renew_epochs_of_another_database

BATCH_MARKERS = 2000

AudienceFilter = Callable[[set[str]], set[str]]
"""A function that takes topics and returns those that any process follows."""


def all_topics(topics: set[str]) -> set[str]:
    """An audience that follows every topic."""
    return topics


@dataclass(frozen=True, slots=True)
class NumberedChanges:
    """The changes of a topic that just got the positions `first` to `last`, one per key.

    folded: the number of changes without a position, because a later one had the same key.
    """

    topic: str
    epoch: str
    first: int
    last: int
    keys: list[str]
    committed_at: datetime
    folded: int


def publish_pending(audience: AudienceFilter = all_topics) -> list[Batch]:
    """Assign positions to pending changes, and render those of the followed topics.

    The audience is asked after the positions were assigned.
    """
    return render_batches(assign_positions(), audience)


def render_batches(numbered: list[NumberedChanges], audience: AudienceFilter) -> list[Batch]:
    """A batch of current rows for each topic that anyone follows."""
    followed = audience({part.topic for part in numbered})
    return [
        Batch(
            topic=part.topic,
            epoch=part.epoch,
            first=part.first,
            last=part.last,
            changes=reader.render_changes(part.topic, part.keys),
            positions=dict(zip(part.keys, range(part.first, part.last + 1), strict=True)),
            committed_at=part.committed_at.isoformat(),
        )
        for part in numbered
        if part.topic in followed
    ]


@transaction.atomic
def assign_positions() -> list[NumberedChanges]:
    """Claim up to BATCH_MARKERS pending changes, and number them topic by topic.

    Only the last change of each key gets a position; the others are deleted. If the database has
    gone back to an earlier state, all epochs are replaced before.
    """
    pending = list(
        Change.objects.filter(position=None)
        .order_by("id")
        .select_for_update(skip_locked=True)[:BATCH_MARKERS]
    )
    if pending:
        renew_epochs_of_another_database()
    by_topic: dict[str, dict[str, Change]] = defaultdict(dict)
    for marker in pending:
        by_topic[marker.topic].pop(marker.key, None)
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
    """Lock the heads in the order of their names, to prevent deadlocks between relays."""
    TopicHead.objects.bulk_create(
        [TopicHead(topic=topic) for topic in topics], ignore_conflicts=True
    )
    heads = TopicHead.objects.filter(topic__in=topics).order_by("topic").select_for_update()
    return {head.topic: head for head in heads}


def _number(head: TopicHead, markers: list[Change], claimed: int) -> NumberedChanges:
    first = head.position + 1
    for marker in markers:
        head.position += 1
        marker.position = head.position
    return NumberedChanges(
        topic=head.topic,
        epoch=head.epoch,
        first=first,
        last=head.position,
        keys=[marker.key for marker in markers],
        committed_at=min(marker.recorded_at for marker in markers),
        folded=claimed - len(markers),
    )


def _write_positions(markers: list[Change]) -> None:
    """Write all positions in one statement. The cost of bulk_update's CASE grows quadratically."""
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
