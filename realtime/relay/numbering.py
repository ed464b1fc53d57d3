"""Assigns positions to pending changes, and renders their rows as one batch per topic.

Any number of relays may run: each claims changes of its partition, and overdue ones of others, with
SKIP LOCKED, and assigns positions while it holds the lock of the topic's head. If a relay crashes
before it publishes a batch, the hubs still find the new positions, because they compare their last
position with the database every second.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from realtime.log import reader
from realtime.log.topics import SUMMARY_KEYS, is_known
from realtime.protocol.server_frames import Batch
from realtime.relay.epochs import IS_SAME_DATABASE, renew_epochs_of_another_database
from realtime.relay.partition import ALL_TOPICS, OVERDUE_SECONDS, Partition

BATCH_MARKERS = 2000

# A marker of `board.spring.*` stands for all boards that have a head. It is copied for each of them
# here, after the commit that recorded it. A board that is opened later, which creates its head, is
# read with the change.
#
# Heads are inserted or updated, and so locked, in the order of their names, to prevent deadlocks
# between relays. Each topic of one side has its row on the other: the joins are full ones because
# PostgreSQL, which expects few pending changes, would else compare each row with each.
#
# Nothing is claimed from a database that was numbered elsewhere (`epochs`).
IS_OF_PARTITION = "(hashtext(topic) & 2147483647) %% %(count)s = %(place)s"
# The writer's clock may be ahead; its changes must not wait until the database's has caught up.
IS_OVERDUE = f"""(
    recorded_at NOT BETWEEN now() - make_interval(secs => {OVERDUE_SECONDS})
        AND now() + make_interval(secs => {OVERDUE_SECONDS})
)"""
ASSIGN_POSITIONS = f"""
WITH
claimed AS MATERIALIZED (
    SELECT id, topic, key, recorded_at, {IS_OF_PARTITION} AS is_own FROM realtime_change
    WHERE position IS NULL
        AND ({IS_OF_PARTITION} OR {IS_OVERDUE})
        AND NOT (starts_with(key, %(summaries)s) AND topic = ANY(%(deferred)s))
        AND {IS_SAME_DATABASE}
    ORDER BY id LIMIT %(limit)s FOR UPDATE SKIP LOCKED
),
meant AS (
    SELECT id, topic, key, recorded_at, is_own, false AS is_copy FROM claimed
    WHERE right(topic, 2) <> '.*'
    UNION ALL
    SELECT id, head.topic, key, recorded_at, is_own, true FROM claimed
    JOIN realtime_topichead AS head
        ON right(claimed.topic, 2) = '.*' AND starts_with(head.topic, left(claimed.topic, -1))
),
kept AS (
    SELECT *, row_number() OVER (PARTITION BY topic ORDER BY id, key) AS place,
        count(*) OVER (PARTITION BY topic) AS total
    FROM (
        SELECT *, row_number() OVER (PARTITION BY topic, key ORDER BY id DESC) AS age,
            count(*) OVER (PARTITION BY topic) AS meant
        FROM meant
    ) AS ranked
    WHERE age = 1
),
numbered AS (
    SELECT topic, total, meant - total AS folded, array_agg(key ORDER BY place) AS keys,
        min(recorded_at) AS recorded_at, bool_and(is_own) AS is_own
    FROM kept GROUP BY topic, total, meant
),
head AS (
    INSERT INTO realtime_topichead AS head (topic, epoch, position, kept_from)
    SELECT topic, replace(gen_random_uuid()::text, '-', ''), total, 1 FROM numbered ORDER BY topic
    ON CONFLICT (topic) DO UPDATE SET position = head.position + excluded.position
    RETURNING topic, epoch, position
),
placed AS (
    SELECT id, topic, key, recorded_at, is_copy, head.position - total + place AS position
    FROM kept FULL JOIN head USING (topic)
),
written AS (
    UPDATE realtime_change SET position = placed.position FROM placed
    WHERE realtime_change.id = placed.id AND NOT placed.is_copy
),
copied AS (
    INSERT INTO realtime_change (topic, key, position, recorded_at)
    SELECT topic, key, position, recorded_at FROM placed WHERE is_copy
),
folded AS (
    DELETE FROM realtime_change WHERE id IN (
        SELECT id FROM claimed EXCEPT SELECT id FROM kept WHERE NOT is_copy
    )
)
SELECT topic, head.epoch, head.position - total + 1, head.position, keys, recorded_at, folded,
    is_own
FROM numbered FULL JOIN head USING (topic)
ORDER BY topic
"""  # noqa: S608  built from constants

AudienceFilter = Callable[[set[str]], set[str]]
"""A function that takes topics and returns those that any process follows."""


def all_topics(topics: set[str]) -> set[str]:
    """An audience that follows every topic."""
    return topics


@dataclass(frozen=True, slots=True)
class NumberedChanges:
    """The changes of a topic that just got the positions `first` to `last`, one per key.

    folded: the number of changes without a position, because a later one had the same key. is_own:
    whether the topic is of this relay's partition; else the changes were overdue.
    """

    topic: str
    epoch: str
    first: int
    last: int
    keys: list[str]
    committed_at: datetime
    folded: int
    is_own: bool


def publish_pending(audience: AudienceFilter = all_topics) -> list[Batch]:
    """Assign positions to pending changes, and render those of the followed topics.

    The audience is asked after the positions were assigned.
    """
    return render_batches(assign_positions(), audience)


def render_batches(numbered: list[NumberedChanges], audience: AudienceFilter) -> list[Batch]:
    """A batch of current rows for each topic that anyone follows."""
    followed = {topic for topic in audience({part.topic for part in numbered}) if is_known(topic)}
    rendered = reader.render_changes(
        {part.topic: part.keys for part in numbered if part.topic in followed}
    )
    return [
        Batch(
            topic=part.topic,
            epoch=part.epoch,
            first=part.first,
            last=part.last,
            changes=rendered[part.topic],
            positions=dict(zip(part.keys, range(part.first, part.last + 1), strict=True)),
            committed_at=part.committed_at.isoformat(),
        )
        for part in numbered
        if part.topic in followed
    ]


def assign_positions(
    partition: Partition = ALL_TOPICS, deferred: Collection[str] = ()
) -> list[NumberedChanges]:
    """Claim up to BATCH_MARKERS pending changes, and number them topic by topic. Takes one query.

    Only the last change of each key gets a position; the others are deleted. A change of all topics
    with a prefix becomes one of each that has a head. If the database has gone back to an earlier
    state, all epochs are replaced before.

    partition: the topics of this relay; those of others are claimed only if they are overdue.
    deferred: topics whose summary rows stay pending (see `summary_pace`).
    """
    numbered = _assign_positions(partition, deferred)
    if not numbered and renew_epochs_of_another_database():
        return _assign_positions(partition, deferred)
    return numbered


def _assign_positions(partition: Partition, deferred: Collection[str]) -> list[NumberedChanges]:
    with connection.cursor() as cursor:
        cursor.execute(ASSIGN_POSITIONS, parameters(partition, deferred))
        return [NumberedChanges(*fields) for fields in cursor.fetchall()]


def parameters(partition: Partition, deferred: Collection[str]) -> dict[str, Any]:
    """Of ASSIGN_POSITIONS."""
    return {
        "place": partition.place,
        "count": partition.count,
        "summaries": SUMMARY_KEYS,
        "deferred": list(deferred),
        "limit": BATCH_MARKERS,
    }
