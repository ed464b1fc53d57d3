"""Whether changes still reach this process, judged from what its polls of the database find.

Seconds are counted by ticks of the hub, not by a clock: a process that was suspended, or whose
machine slept, must not take its own absence for that of the relay.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from realtime.log.relay_activity import MAX_BACKLOG_SECONDS, STALLED_SECONDS, RelayActivity

TICK_SECONDS = 1.0


class Silence:
    """Seconds without a sign of progress.

    since: the time of the last sign, while that is more than STALLED_SECONDS ago; else None.
    """

    def __init__(self) -> None:
        self.since: datetime | None = None
        self._seconds = 0.0

    def tick(self) -> None:
        """One more second has passed."""
        self.set_seconds(self._seconds + TICK_SECONDS)

    def set_seconds(self, seconds: float) -> None:
        """The last sign was so many seconds ago."""
        self._seconds = seconds
        if seconds <= STALLED_SECONDS:
            self.since = None
        elif self.since is None:
            self.since = timezone.now() - timedelta(seconds=seconds)


class RelayWatch:
    """Whether a relay numbers changes, and has no backlog."""

    def __init__(self) -> None:
        self.silence = Silence()
        self._seen: RelayActivity | None = None

    def observe(self, activity: RelayActivity | None) -> None:
        """Take in what a poll found. The first one also tells how long the relay has been away."""
        before, self._seen = self._seen, activity or self._seen
        if activity is None or activity.backlog_seconds > MAX_BACKLOG_SECONDS:
            return
        if before is None:
            self.silence.set_seconds(activity.seconds)
        elif activity.numbered_at is None or activity.numbered_at != before.numbered_at:
            self.silence.set_seconds(0)


class PositionWatch:
    """Whether a topic reaches the positions that polls find in the database."""

    def __init__(self) -> None:
        self.silence = Silence()
        self._expected = 0

    def tick(self, reached: int, head: int | None) -> None:
        """One second has passed. head: the position that the last poll found, if any."""
        if reached < self._expected:
            self.silence.tick()
            return
        self.silence.set_seconds(0)
        self._expected = self._expected if head is None else head
