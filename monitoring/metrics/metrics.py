"""Every metric of the product, declared once. Labels come from closed sets, never from people.

consumer  board, wall, me, tasks, ops
topic     the kind of a live list: board, wall, person, tasks, ops, access
kind      the type of a frame, as protocol and AsyncAPI name them; "wrong" for what is none
view      the name of an address; "none" for what leads nowhere
channel   of a notice: in_app, email, dingtalk
scope     of a limit: one of rate_limit_settings.DEFAULTS, or lock_out (of wrong passwords)
cache     what it keeps: openings (of visitors' pages), tickets (of sockets)

What one process has seen is counted where it happens. What the whole site stands at is read from
the database and the broker when somebody asks (`DbGauge`), so that it is told once, and told
though every other process were gone.
"""

from prometheus_client import Counter, Gauge, Histogram, Summary

from monitoring.metrics.db_gauges import DbGauge
from monitoring.metrics.fast_counter import FastCounter

QUICK_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)
PAGE_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
COMMIT_SECONDS = (0.005, 0.01, 0.015, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)
PAINT_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
AGE_SECONDS = (1, 10, 60, 300, 900, 3600, 4 * 3600, 12 * 3600, 24 * 3600)
WORK_SECONDS = (0.01, 0.05, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600)
BATCH_SIZES = (1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2000)

# --- The golden signals of the board --------------------------------------------------------

COMMIT_TO_SOCKET_SECONDS = Histogram(
    "recruit_commit_to_socket_seconds",
    "From the commit of a change to its frame at the socket.",
    buckets=COMMIT_SECONDS,
)
COMMIT_TO_PAINT_SECONDS = Histogram(
    "recruit_commit_to_paint_seconds",
    "From the commit of a change to its being seen, as browsers report it; the slowest per report.",
    ["consumer"],
    buckets=PAINT_SECONDS,
)

# --- Sockets, by consumer -------------------------------------------------------------------

SOCKETS_OPEN = Gauge(
    "recruit_ws_sockets_open",
    "WebSockets open in this process.",
    ["consumer"],
    multiprocess_mode="livesum",
)
SOCKETS_ACCEPTED = Counter(
    "recruit_ws_accepted_total", "WebSockets whose person was let in at the door.", ["consumer"]
)
SOCKETS_REFUSED = Counter(
    "recruit_ws_refused_total",
    "WebSockets that were not let in: origin, signed_out, not_allowed, too_many, going_away, "
    "no_hello (neither session nor ticket in time) or failure.",
    ["consumer", "reason"],
)
SOCKETS_CLOSED = Counter(
    "recruit_ws_sockets_closed_total",
    "WebSockets closed, by us or by the client, by code; other codes than those known: other.",
    ["consumer", "code"],
)
SOCKET_AGE_SECONDS = Histogram(
    "recruit_ws_socket_age_seconds",
    "How old a WebSocket was when it ended.",
    ["consumer"],
    buckets=AGE_SECONDS,
)
HANDSHAKE_SECONDS = Histogram(
    "recruit_ws_handshake_seconds",
    "From the opening of a WebSocket to the door's answer.",
    ["consumer"],
    buckets=QUICK_SECONDS,
)
FRAMES_SENT = FastCounter(
    "recruit_ws_frames_sent_total",
    "WebSocket frames handed to the server, by consumer and frame kind.",
    ["consumer", "kind"],
)
BYTES_SENT = FastCounter(
    "recruit_ws_bytes_sent_total", "Bytes of text in the frames sent.", ["consumer", "kind"]
)
FRAMES_RECEIVED = Counter(
    "recruit_ws_frames_received_total",
    "WebSocket frames read from browsers, by consumer and frame kind.",
    ["consumer", "kind"],
)
BYTES_RECEIVED = Counter(
    "recruit_ws_bytes_received_total", "Bytes of text in the frames read.", ["consumer", "kind"]
)
HANDLER_SECONDS = Histogram(
    "recruit_ws_handler_seconds",
    "How long a frame from a browser took to be dealt with.",
    ["consumer", "kind"],
    buckets=QUICK_SECONDS,
)
HANDLER_ERRORS = Counter(
    "recruit_ws_handler_errors_total",
    "Frames whose handling failed in a way that nobody had planned for.",
    ["consumer", "kind"],
)
SLOW_READERS = Counter(
    "recruit_ws_slow_readers_total",
    "Sockets that were let go because they read more slowly than their board changes.",
    ["consumer"],
)
MAILBOX_FRAMES = Gauge(
    "recruit_ws_mailbox_frames",
    "Frames that wait for the sockets of this process, all together.",
    ["consumer"],
    multiprocess_mode="livesum",
)
MAILBOX_DEEPEST_FRAMES = Gauge(
    "recruit_ws_mailbox_deepest_frames",
    "Frames that wait for the socket that has most of them waiting.",
    ["consumer"],
    multiprocess_mode="livemax",
)

# --- Live lists: hub, snapshots, layer ------------------------------------------------------

TOPICS_FOLLOWED = Gauge(
    "recruit_hub_topics",
    "Live lists that this process follows.",
    ["topic"],
    multiprocess_mode="livesum",
)
BEGINNINGS = Counter(
    "recruit_ws_beginnings_total",
    "Readers who began: fresh (asked for a snapshot), resumed, or lost (asked to resume in vain).",
    ["topic", "outcome"],
)
GAPS = Counter(
    "recruit_hub_gaps_total", "Positions found missing and fetched from the database.", ["topic"]
)
FOLDED = Counter(
    "recruit_live_folded_total",
    "Changes that were not sent because a newer one of the same row went with them.",
    ["topic"],
)
DROPPED = Counter(
    "recruit_live_dropped_total",
    "What may be lost and was: hint (too many waited before it), latest (a newer one came).",
    ["what"],
)
SNAPSHOTS = Counter(
    "recruit_snapshots_total",
    "Snapshots given to readers: rendered for them, or kept from an earlier one.",
    ["topic", "source"],
)
SNAPSHOT_SECONDS = Histogram(
    "recruit_snapshot_seconds",
    "How long rendering a snapshot took.",
    ["topic"],
    buckets=QUICK_SECONDS,
)
SNAPSHOT_BYTES = Summary("recruit_snapshot_bytes", "Size of rendered snapshots.", ["topic"])
LAYER_SECONDS = Histogram(
    "recruit_layer_publish_seconds",
    "How long the channel layer took to take a message.",
    buckets=QUICK_SECONDS,
)
LAYER_ERRORS = Counter(
    "recruit_layer_errors_total",
    "Calls that the channel layer did not answer: group_send, group_add, group_discard or flush.",
    ["operation"],
)
LAYER_RECONNECTS = Counter(
    "recruit_layer_reconnects_total", "How often the channel layer answered again after it had not."
)

# --- Relay ----------------------------------------------------------------------------------

RELAY_BATCHES = Counter(
    "recruit_relay_batches_total",
    "Batches of changes the relay published, one per topic and round.",
)
RELAY_CHANGES = Counter("recruit_relay_changes_total", "Rows the relay published, after folding.")
RELAY_BATCH_SIZE = Histogram(
    "recruit_relay_batch_size", "Rows in a batch of the relay.", buckets=BATCH_SIZES
)
RELAY_SECONDS = Histogram(
    "recruit_relay_turn_seconds",
    "How long the relay took to number and render what was pending.",
    buckets=QUICK_SECONDS,
)
REDIS_UP = DbGauge("recruit_redis_up", "1 while Redis answers, 0 while it does not.")
PENDING_MARKERS = DbGauge(
    "recruit_relay_pending_markers", "Changes that wait for the relay to give them positions."
)
OLDEST_MARKER_SECONDS = DbGauge(
    "recruit_relay_oldest_marker_seconds", "How long the oldest of them has been waiting; 0: none."
)

# --- The process itself ---------------------------------------------------------------------

EVENT_LOOP_LAG_SECONDS = Histogram(
    "recruit_event_loop_lag_seconds",
    "How much later than asked for the event loop woke a sleeper.",
    buckets=QUICK_SECONDS,
)
DATABASE_WAIT_SECONDS = Histogram(
    "recruit_database_wait_seconds",
    "How long live work waited for a thread that may talk to the database.",
    buckets=QUICK_SECONDS,
)

# --- Pages, database, cache -----------------------------------------------------------------

HTTP_REQUESTS = Counter(
    "recruit_http_requests_total", "Requests answered.", ["view", "method", "status"]
)
HTTP_SECONDS = Histogram(
    "recruit_http_request_seconds",
    "From a request to the beginning of its answer.",
    ["view", "method"],
    buckets=PAGE_SECONDS,
)
HTTP_IN_PROGRESS = Gauge(
    "recruit_http_requests_in_progress",
    "Requests that have not been answered yet.",
    multiprocess_mode="livesum",
)
HTTP_SLOW = Counter(
    "recruit_http_slow_requests_total",
    "Requests that took longer than SLOW_REQUEST_SECONDS.",
    ["view"],
)
QUERY_SECONDS = Histogram(
    "recruit_database_query_seconds",
    "How long the database took to answer, by the first word of the statement.",
    ["operation"],
    buckets=QUICK_SECONDS,
)
QUERY_ERRORS = Counter(
    "recruit_database_errors_total",
    "Statements that failed: integrity, operational (the database is away) or other.",
    ["kind"],
)
POOL_CONNECTIONS = Gauge(
    "recruit_database_pool_connections",
    "Connections of this process's pool: idle or busy.",
    ["state"],
    multiprocess_mode="livesum",
)
POOL_WAITING = Gauge(
    "recruit_database_pool_waiting",
    "Requests of this process that wait for a connection.",
    multiprocess_mode="livesum",
)
CACHE_REQUESTS = Counter(
    "recruit_cache_requests_total",
    "Questions to a cache, by what it keeps and whether it knew: hit, old (taken while "
    "somebody else reads anew), miss or error.",
    ["cache", "outcome"],
)

RATE_LIMITED_REQUESTS = Counter(
    "recruit_rate_limited_requests_total",
    "Requests that a limit counts, by its scope: allowed, refused, or uncounted (Redis is away).",
    ["scope", "outcome"],
)

# --- Celery, by the names that the public dashboards use ------------------------------------

TASK_SENT = Counter("celery_task_sent_total", "Tasks sent.", ["name", "queue_name"])
TASK_RECEIVED = Counter(
    "celery_task_received_total", "Tasks received by a worker.", ["name", "hostname", "queue_name"]
)
TASK_STARTED = Counter(
    "celery_task_started_total", "Tasks begun.", ["name", "hostname", "queue_name"]
)
TASK_SUCCEEDED = Counter(
    "celery_task_succeeded_total", "Tasks that succeeded.", ["name", "hostname", "queue_name"]
)
TASK_FAILED = Counter(
    "celery_task_failed_total",
    "Tasks that failed, by the class of the exception.",
    ["name", "hostname", "queue_name", "exception"],
)
TASK_RETRIED = Counter(
    "celery_task_retried_total", "Tasks tried again.", ["name", "hostname", "queue_name"]
)
TASK_REVOKED = Counter(
    "celery_task_revoked_total", "Tasks revoked.", ["name", "hostname", "queue_name"]
)
TASK_REJECTED = Counter(
    "celery_task_rejected_total", "Messages that no task takes.", ["hostname", "queue_name"]
)
TASK_RUNTIME = Histogram(
    "celery_task_runtime",
    "Seconds that tasks took.",
    ["name", "hostname", "queue_name"],
    buckets=WORK_SECONDS,
)
WORKER_UP = Gauge(
    "celery_worker_up", "1 while this worker runs.", ["hostname"], multiprocess_mode="livemax"
)
WORKER_TASKS_ACTIVE = Gauge(
    "celery_worker_tasks_active",
    "Tasks this worker is at.",
    ["hostname"],
    multiprocess_mode="livesum",
)
QUEUE_LENGTH = DbGauge("celery_queue_length", "Messages that wait in a queue.", ["queue_name"])
ACTIVE_WORKERS = DbGauge("celery_active_worker_count", "Workers that give signs of life.")
BEAT_SENT = Counter("recruit_beat_sent_total", "Entries of the schedule that this beat sent.")
BEAT_HOLDS_LEASE = Gauge(
    "recruit_beat_holds_lease",
    "1 while this beat is the one that sends.",
    multiprocess_mode="livemax",
)

# --- The business ---------------------------------------------------------------------------

INTERVIEWS = DbGauge(
    "recruit_interviews", "Today's interviews of all active campaigns, by status.", ["status"]
)
INTERVIEWS_FLAGGED = DbGauge(
    "recruit_interviews_flagged",
    "Today's interviews that bear a flag (late, overrun, …).",
    ["flag"],
)
FEEDBACK_OVERDUE = DbGauge(
    "recruit_feedback_overdue", "Scorecards that are due for longer than they should be."
)
NOTICES_WAITING = DbGauge(
    "recruit_notices_waiting",
    "Messages on their way out, by channel and state.",
    ["channel", "state"],
)
NOTICES_OLDEST_SECONDS = DbGauge(
    "recruit_notices_oldest_seconds",
    "How long the oldest message that may be sent now has been waiting; 0: none.",
    ["channel"],
)
NOTICES = Counter(
    "recruit_notices_total",
    "Notices by channel and what became of them: sent, failed, dead, expired or withdrawn.",
    ["channel", "result"],
)
DINGTALK_ANSWERS = Counter(
    "recruit_dingtalk_answers_total", "What DingTalk answered, decoded.", ["meaning"]
)
DINGTALK_BUDGET_LEFT = DbGauge(
    "recruit_dingtalk_budget_left", "Messages that a robot may still send this minute.", ["robot"]
)
DINGTALK_ROBOTS_UNWELL = DbGauge(
    "recruit_dingtalk_robots_unwell",
    "Robots that have been told to wait, or that need a person.",
)
IMPORT_ROWS = Counter(
    "recruit_import_rows_total", "Rows of imports: written, known or rejected.", ["outcome"]
)
TASK_RUNS = DbGauge(
    "recruit_task_runs", "Background work that is queued or running, by kind.", ["name", "state"]
)
PROCESSES_ALIVE = DbGauge(
    "recruit_processes_alive", "Processes that give signs of life.", ["process"]
)
SCHEDULE_SILENCE_SECONDS = DbGauge(
    "recruit_schedule_silence_seconds",
    "How long ago something went all the way from beat through the broker to a worker.",
)
SITE_READ_SECONDS = Summary(
    "recruit_site_read_seconds", "How long it took to read what the whole site stands at."
)
SITE_READ_ERRORS = Counter(
    "recruit_site_read_errors_total",
    "Readings of the whole site that failed, by metric.",
    ["metric"],
)
