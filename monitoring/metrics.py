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
