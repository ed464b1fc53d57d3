"""The most recent changes of a topic, from which clients resume after a short disconnection."""

from __future__ import annotations

from realtime.protocol.server_frames import Batch

MAX_KEYS = 4096  # a few megabytes for the busiest board; clients that missed more take a snapshot


class ReplayBuffer:
    """The last change of each key, in the order of positions.

    It holds every key that changed after the position `complete_after`. A resume is therefore a
    single frame, however many frames were sent meanwhile.
    """

    def __init__(self, position: int = 0) -> None:
        self.complete_after = position
        self._rows: dict[str, tuple[int, str]] = {}

    def add(self, batch: Batch) -> None:
        """Append the next batch. Beyond MAX_KEYS, drop the keys that changed longest ago."""
        for key, text in batch.changes.items():
            self._rows.pop(key, None)
            self._rows[key] = (batch.positions[key], text)
        while len(self._rows) > MAX_KEYS:
            oldest = next(iter(self._rows))
            self.complete_after = self._rows.pop(oldest)[0]

    def prepend(self, batch: Batch) -> None:
        """Insert an older batch before the buffer's content. Newer rows of the same key are kept.

        Does nothing if there would be a gap between the two.
        """
        if self.complete_after > batch.last:
            return
        newer = {key: row for key, row in self._rows.items() if row[0] > batch.last}
        self._rows, self.complete_after = {}, batch.first - 1
        self.add(batch)
        for key, row in newer.items():
            self._rows.pop(key, None)
            self._rows[key] = row

    def covers(self, position: int) -> bool:
        """Whether the buffer holds every change after this position."""
        return self.complete_after <= position

    def after(self, position: int) -> tuple[dict[str, str], dict[str, int]]:
        """The texts and positions, by key, of the changes after a position."""
        changed = []
        for key in reversed(self._rows):
            at, text = self._rows[key]
            if at <= position:
                break
            changed.append((key, at, text))
        changed.reverse()
        return {key: text for key, _, text in changed}, {key: at for key, at, _ in changed}
