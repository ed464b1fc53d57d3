"""Reading a topic: its head, a snapshot, and the changes after a position.

Rows are always rendered from the current state of the database; the log only says which keys
changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Max

from realtime.log.topics import changed_rows, kind_of
from realtime.models import Change, TopicHead
from realtime.protocol import server_frames
from realtime.protocol.server_frames import Row


@dataclass(frozen=True, slots=True)
class Head:
    """The last position of a topic, and the first one that the log still holds."""

    epoch: str
    position: int
    kept_from: int


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All rows of a topic. They include every change up to `position`, and maybe newer ones."""

    topic: str
    epoch: str
    position: int
    rows: list[Row]

    def text(self) -> server_frames.FrameText:
        return server_frames.snapshot(
            topic=self.topic, epoch=self.epoch, position=self.position, rows=self.rows
        )


def head_of(topic: str) -> Head:
    """The head of a topic. Creates it if the topic has never been changed or watched."""
    head, _ = TopicHead.objects.get_or_create(topic=topic)
    return Head(head.epoch, head.position, head.kept_from)


def heads_of(topics: list[str]) -> dict[str, Head]:
    """The heads of many topics, in one query. Topics without a head are left out."""
    heads = TopicHead.objects.filter(topic__in=topics)
    return {head.topic: Head(head.epoch, head.position, head.kept_from) for head in heads}


def take_snapshot(topic: str) -> Snapshot:
    """Render all rows of a topic.

    Reads the position before the rows, so that the rows may be newer than it, but never older.
    """
    head = head_of(topic)
    kind, name = kind_of(topic)
    return Snapshot(topic, head.epoch, head.position, list(kind.all_rows(name)))


def render_changes(changed: Mapping[str, list[str]]) -> dict[str, dict[str, str]]:
    """Topic → key → encoded change: the current row, or null if it has left the topic.

    changed: topic → keys. What several topics show is read once.
    """
    found = changed_rows(changed)
    return {
        topic: _encoded(keys, {row["key"]: row for row in found[topic]})
        for topic, keys in changed.items()
    }


def _encoded(keys: list[str], rows: Mapping[str, Row]) -> dict[str, str]:
    return {key: server_frames.encode_change(key, rows.get(key)) for key in keys}


def changes_after(topic: str, position: int, *, lookback: int = 0) -> server_frames.Batch | None:
    """One batch with all changes after `position`: each key once, in one query.

    lookback: include up to this many earlier positions, as far as the log still has them, so that
    the batch also serves readers who were away longer. Returns None if nothing changed, or if the
    log no longer reaches back that far (see `Head.kept_from`).
    """
    head = head_of(topic)
    start = min(position, max(position - lookback, head.kept_from - 1))
    changed = list(
        Change.objects.filter(topic=topic, position__gt=start, position__lte=head.position)
        .values("key")
        .annotate(at=Max("position"), recorded=Max("recorded_at"))
        .order_by("at")
    )
    # Checked after the query, because the log may be trimmed while it runs.
    if not changed or start + 1 < head_of(topic).kept_from:
        return None
    positions = {one["key"]: one["at"] for one in changed}
    return server_frames.Batch(
        topic=topic,
        epoch=head.epoch,
        first=start + 1,
        last=head.position,
        changes=render_changes({topic: list(positions)})[topic],
        positions=positions,
        committed_at=max(one["recorded"] for one in changed).isoformat(),
    )
