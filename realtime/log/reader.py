"""Reading a topic: its head, a snapshot, and the rows whose keys changed after a position.

Everything is rendered from the database as it is now; the log only says which keys.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Max

from realtime.log.topics import kind_of
from realtime.models import Change, TopicHead
from realtime.protocol import server_frames
from realtime.protocol.server_frames import Row


@dataclass(frozen=True, slots=True)
class Head:
    """Where a topic's numbering stands."""

    epoch: str
    position: int
    kept_from: int


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All rows of a topic, holding at least every change up to `position`."""

    topic: str
    epoch: str
    position: int
    rows: list[Row]

    def text(self) -> server_frames.FrameText:
        return server_frames.snapshot(
            topic=self.topic, epoch=self.epoch, position=self.position, rows=self.rows
        )


def head_of(topic: str) -> Head:
    """The topic's head, begun if nobody has watched or changed it before."""
    head, _ = TopicHead.objects.get_or_create(topic=topic)
    return Head(head.epoch, head.position, head.kept_from)


def heads_of(topics: list[str]) -> dict[str, Head]:
    """The heads of many topics, in one query."""
    heads = TopicHead.objects.filter(topic__in=topics)
    return {head.topic: Head(head.epoch, head.position, head.kept_from) for head in heads}


def take_snapshot(topic: str) -> Snapshot:
    """Position first, rows second: rows may be newer than the position says, never older."""
    head = head_of(topic)
    kind, name = kind_of(topic)
    return Snapshot(topic, head.epoch, head.position, list(kind.all_rows(name)))


def render(topic: str, keys: list[str]) -> dict[str, str]:
    """Encoded changes of these keys: the row as it is now, or its absence."""
    kind, name = kind_of(topic)
    rows = {row["key"]: row for row in kind.rows_of(name, keys)}
    return {key: server_frames.encode_change(key, rows.get(key)) for key in keys}


def changes_after(topic: str, position: int, *, reach_back: int = 0) -> server_frames.Batch | None:
    """What a reader at `position` has missed: distinct keys, in one query however long he was away.

    reach_back: so many positions more, where the log still has them, for readers who come next.
    None when he has missed nothing, or when the log no longer reaches back (see `Head.kept_from`).
    """
    head = head_of(topic)
    start = min(position, max(position - reach_back, head.kept_from - 1))
    changed = list(
        Change.objects.filter(topic=topic, position__gt=start, position__lte=head.position)
        .values("key")
        .annotate(at=Max("position"), recorded=Max("recorded_at"))
        .order_by("at")
    )
    # Asked last: the log may be trimmed meanwhile.
    if not changed or start + 1 < head_of(topic).kept_from:
        return None
    positions = {one["key"]: one["at"] for one in changed}
    return server_frames.Batch(
        topic=topic,
        epoch=head.epoch,
        first=start + 1,
        last=head.position,
        changes=render(topic, list(positions)),
        positions=positions,
        committed_at=max(one["recorded"] for one in changed).isoformat(),
    )
