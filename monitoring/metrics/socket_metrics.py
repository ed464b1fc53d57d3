"""Metric series per socket consumer and per kind of topic, looked up once and kept.

Finding a series by its labels costs more than incrementing it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache

from monitoring.logs import context
from monitoring.metrics import exemplars, metrics

MAX_PAINT_MS = 3_600_000  # a larger value means a wrong clock in the browser
WRONG = "wrong"
OTHER = "other"


class SentFrames:
    """Counts sent frames of one kind."""

    __slots__ = ("_bytes", "_frames")

    def __init__(self, consumer: str, kind: str) -> None:
        self._frames = metrics.FRAMES_SENT.labels(consumer, kind)
        self._bytes = metrics.BYTES_SENT.labels(consumer, kind)

    def count(self, size: int) -> None:
        """One frame of so many bytes."""
        self._frames.value += 1
        self._bytes.value += size


class ReceivedFrames:
    """Counts received frames of one kind, and measures their processing."""

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
        """Measures the block, and counts an error unless it is of the `planned` type."""
        try:
            with self._seconds.time():
                yield
        except planned:
            raise
        except Exception:
            self._errors.inc()
            raise


class SocketMetrics:
    """The metric series of one consumer.

    sent      kinds of frames it sends
    received  kinds of frames it receives
    reasons   why a socket may be rejected
    codes     known close codes; any other counts as `other`
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
        """Counts a closed socket. A client may send any close code."""
        self._closed.get(code or 0, self._closed_otherwise).inc()

    def painted(self, shown_ms: float | None) -> None:
        """Observes the delay reported by a browser, unless it is implausible."""
        if shown_ms is not None and 0 <= shown_ms <= MAX_PAINT_MS:
            exemplar = exemplars.of_socket(context.socket_id.get())
            self._paint_seconds.observe(shown_ms / 1000, exemplar)


class TopicMetrics:
    """The metric series of one kind of live list."""

    def __init__(self, kind: str) -> None:
        self.fresh = metrics.SUBSCRIPTIONS.labels(kind, "fresh")
        self.resumed = metrics.SUBSCRIPTIONS.labels(kind, "resumed")
        self.lost = metrics.SUBSCRIPTIONS.labels(kind, "lost")
        self.gaps = metrics.GAPS.labels(kind)
        self.folded = metrics.FOLDED.labels(kind)
        self.rendered = metrics.SNAPSHOTS.labels(kind, "rendered")
        self.kept = metrics.SNAPSHOTS.labels(kind, "kept")
        self.snapshot_seconds = metrics.SNAPSHOT_SECONDS.labels(kind)
        self.snapshot_bytes = metrics.SNAPSHOT_BYTES.labels(kind)


@cache
def topic_metrics(kind: str) -> TopicMetrics:
    """The metrics of a kind of topic. Kinds are a closed set: the apps register them."""
    return TopicMetrics(kind)
