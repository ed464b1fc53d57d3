"""Every metric of the product, declared once. Labels come from closed sets, never from people."""

from prometheus_client import Counter, Gauge, Histogram

SOCKETS_OPEN = Gauge(
    "recruit_ws_sockets_open",
    "WebSockets open in this process, by consumer.",
    ["consumer"],
)

SOCKETS_CLOSED = Counter(
    "recruit_ws_sockets_closed_total",
    "WebSockets closed, by consumer and close code.",
    ["consumer", "code"],
)

FRAMES_SENT = Counter(
    "recruit_ws_frames_sent_total",
    "WebSocket frames handed to the server, by consumer and frame kind.",
    ["consumer", "kind"],
)

FRAMES_RECEIVED = Counter(
    "recruit_ws_frames_received_total",
    "WebSocket frames read from browsers, by consumer and frame kind.",
    ["consumer", "kind"],
)

RELAY_BATCHES = Counter(
    "recruit_relay_batches_total",
    "Batches of changes the relay published, one per topic and round.",
)

RELAY_CHANGES = Counter(
    "recruit_relay_changes_total",
    "Rows the relay published, after folding.",
)

COMMIT_TO_SOCKET_SECONDS = Histogram(
    "recruit_commit_to_socket_seconds",
    "From the commit of a change to its frame at the socket.",
    buckets=(0.005, 0.01, 0.015, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)

COMMIT_TO_PAINT_SECONDS = Histogram(
    "recruit_commit_to_paint_seconds",
    "From the commit of a change to its being seen, as browsers report it; the slowest per report.",
    ["consumer"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60),
)

LONGEST_PAINT_MS = 3_600_000  # beyond this a browser's clock speaks, not its screen


def observe_paint(consumer: str, shown_ms: float | None) -> None:
    """Count what a browser reports, unless it cannot be true: it is a stranger's word."""
    if shown_ms is not None and 0 <= shown_ms <= LONGEST_PAINT_MS:
        COMMIT_TO_PAINT_SECONDS.labels(consumer).observe(shown_ms / 1000)
