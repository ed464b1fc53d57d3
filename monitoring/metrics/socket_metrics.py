"""The numbers of one consumer and of one kind of topic, each looked up once: finding a series by
its labels costs more than counting into it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache

from monitoring.metrics import metrics

MAX_PAINT_MS = 3_600_000  # beyond this a browser's clock speaks, not its screen
WRONG = "wrong"
OTHER = "other"


class SentFrames:
    """Frames of one kind that leave."""

    __slots__ = ("_bytes", "_frames")

    def __init__(self, consumer: str, kind: str) -> None:
        self._frames = metrics.FRAMES_SENT.labels(consumer, kind)
        self._bytes = metrics.BYTES_SENT.labels(consumer, kind)

    def count(self, size: int) -> None:
        """One frame of so many bytes."""
        self._frames.value += 1
        self._bytes.value += size


class ReceivedFrames:
    """Frames of one kind that come in, and what is done with them."""

    def __init__(self, consumer: str, kind: str) -> None:
        self._frames = metrics.FRAMES_RECEIVED.labels(consumer, kind)
        self._bytes = metrics.BYTES_RECEIVED.labels(consumer, kind)
        self._seconds = metrics.HANDLER_SECONDS.labels(consumer, kind)
        self._errors = metrics.HANDLER_ERRORS.labels(consumer, kind)

    def count(self, size: int) -> None:
        """One frame of so many bytes."""
        self._frames.inc()
        self._bytes.inc(size)

    @contextmanager
    def measure(self, planned: type[Exception]) -> Iterator[None]:
        """Count how long the block takes, and whether it fails in another way than was planned."""
        try:
            with self._seconds.time():
                yield
        except planned:
            raise
        except Exception:
            self._errors.inc()
            raise


class SocketMetrics:
    """What is counted about the sockets of one consumer.

    sent, received: the kinds of frames either way. reasons: for which a socket is not let in.
    codes: those with which sockets close; any other is counted as `other`.
    """

    def __init__(
        self,
        consumer: str,
        *,
        sent: Iterable[str],
        received: Iterable[str],
        reasons: Iterable[str],
        codes: Iterable[int],
    ) -> None:
        self.open = metrics.SOCKETS_OPEN.labels(consumer)
        self.accepted = metrics.SOCKETS_ACCEPTED.labels(consumer)
        self.age_seconds = metrics.SOCKET_AGE_SECONDS.labels(consumer)
        self.handshake_seconds = metrics.HANDSHAKE_SECONDS.labels(consumer)
        self.slow_readers = metrics.SLOW_READERS.labels(consumer)
        self.sent = {kind: SentFrames(consumer, kind) for kind in sent}
        self.received = {kind: ReceivedFrames(consumer, kind) for kind in (*received, WRONG)}
        self.refused = {why: metrics.SOCKETS_REFUSED.labels(consumer, why) for why in reasons}
        self._closed = {
            code: metrics.SOCKETS_CLOSED.labels(consumer, str(int(code))) for code in codes
        }
        self._closed_otherwise = metrics.SOCKETS_CLOSED.labels(consumer, OTHER)
        self._paint_seconds = metrics.COMMIT_TO_PAINT_SECONDS.labels(consumer)

    def closed(self, code: int | None) -> None:
        """A socket has ended with this code: a client may send any number."""
        self._closed.get(code or 0, self._closed_otherwise).inc()

    def painted(self, shown_ms: float | None) -> None:
        """What a browser reports, unless it cannot be true: it is a stranger's word."""
        if shown_ms is not None and 0 <= shown_ms <= MAX_PAINT_MS:
            self._paint_seconds.observe(shown_ms / 1000)


class TopicMetrics:
    """What is counted about the live lists of one kind."""

    def __init__(self, kind: str) -> None:
        self.fresh = metrics.BEGINNINGS.labels(kind, "fresh")
        self.resumed = metrics.BEGINNINGS.labels(kind, "resumed")
        self.lost = metrics.BEGINNINGS.labels(kind, "lost")
        self.gaps = metrics.GAPS.labels(kind)
        self.folded = metrics.FOLDED.labels(kind)
        self.rendered = metrics.SNAPSHOTS.labels(kind, "rendered")
        self.kept = metrics.SNAPSHOTS.labels(kind, "kept")
        self.snapshot_seconds = metrics.SNAPSHOT_SECONDS.labels(kind)
        self.snapshot_bytes = metrics.SNAPSHOT_BYTES.labels(kind)


@cache
def topic_metrics(kind: str) -> TopicMetrics:
    """The meter of a kind of topic: a closed set, as apps register it."""
    return TopicMetrics(kind)
