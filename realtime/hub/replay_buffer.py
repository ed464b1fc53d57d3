"""The rows of a topic that changed last: what a reader gets who was away for a moment."""

from __future__ import annotations

from realtime.protocol.server_frames import Batch

KEYS_KEPT = 4096  # a few megabytes of the busiest board; whoever missed more takes a snapshot


class RecentRows:
    """Each key once, with its last position and its text, in the order of positions.

    Complete from `reach` on: of every key that changed after that position, the row is here. So a
    resume is one folded frame, however many frames were sent meanwhile.
    """

    def __init__(self, position: int = 0) -> None:
        self.reach = position
        self._rows: dict[str, tuple[int, str]] = {}

    def add(self, batch: Batch) -> None:
        """Take in the batch that follows what is here; the oldest keys go when there are many."""
        for key, text in batch.changes.items():
            self._rows.pop(key, None)
            self._rows[key] = (batch.positions[key], text)
        while len(self._rows) > KEYS_KEPT:
            oldest = next(iter(self._rows))
            self.reach = self._rows.pop(oldest)[0]

    def reach_back(self, batch: Batch) -> None:
        """Put an older batch before what is here; of a key in both, the newer row is kept.

        Does nothing if something would be missing between the two.
        """
        if self.reach > batch.last:
            return
        newer = {key: row for key, row in self._rows.items() if row[0] > batch.last}
        self._rows, self.reach = {}, batch.first - 1
        self.add(batch)
        for key, row in newer.items():
            self._rows.pop(key, None)
            self._rows[key] = row

    def reaches(self, position: int) -> bool:
        """Whether all that changed after this position is here."""
        return self.reach <= position

    def after(self, position: int) -> tuple[dict[str, str], dict[str, int]]:
        """Texts and last positions of the keys that changed after a position."""
        changed = []
        for key in reversed(self._rows):
            at, text = self._rows[key]
            if at <= position:
                break
            changed.append((key, at, text))
        changed.reverse()
        return {key: text for key, _, text in changed}, {key: at for key, at, _ in changed}
