"""All metrics of the product. Label values come from closed sets, never from user input.

consumer  board, wall, me, tasks, ops
topic     kind of live list: board, wall, person, tasks, ops, access
kind      type of a frame, as in the protocol and in AsyncAPI; "wrong" for an invalid frame
view      name of the URL pattern; "none" if no pattern matches
channel   of a notification: in_app, email, dingtalk
scope     of a rate limit: one of rate_limit_settings.DEFAULTS, or lock_out (wrong passwords)
cache     name of the cache: openings (public pages), tickets (of sockets)

Events are counted in the process where they happen. Values about the whole site are DbGauges: they
are read from the database and the broker on each scrape, so they are exposed only once, and even if
all other processes are down.
"""

from prometheus_client import Counter, Gauge, Histogram, Summary, disable_created_metrics

from monitoring.metrics.db_gauges import DB_GAUGES, DbGauge
from monitoring.metrics.fast_counter import FastCounter

# A series with the time of creation beside each counter and histogram; Prometheus would store them.
disable_created_metrics()  # type: ignore[no-untyped-call]

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
    "From the commit of a change to its display, as reported by browsers; slowest per report.",
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
    "recruit_ws_accepted_total", "WebSockets accepted after authorization.", ["consumer"]
)
SOCKETS_REFUSED = Counter(
    "recruit_ws_refused_total",
    "WebSockets rejected, by reason: origin, signed_out, not_allowed, too_many, going_away, "
    "no_hello (neither session nor ticket in time) or failure.",
    ["consumer", "reason"],
)
SOCKETS_CLOSED = Counter(
    "recruit_ws_sockets_closed_total",
    "WebSockets closed by server or client, by close code; unknown codes count as other.",
    ["consumer", "code"],
)
SOCKET_AGE_SECONDS = Histogram(
    "recruit_ws_socket_age_seconds",
    "Age of a WebSocket when it closed.",
    ["consumer"],
    buckets=AGE_SECONDS,
)
HANDSHAKE_SECONDS = Histogram(
    "recruit_ws_handshake_seconds",
    "From the opening of a WebSocket to its acceptance or rejection.",
    ["consumer"],
    buckets=QUICK_SECONDS,
)
FRAMES_SENT = FastCounter(
    "recruit_ws_frames_sent_total",
    "WebSocket frames handed to the server, by consumer and frame kind.",
    ["consumer", "kind"],
)
BYTES_SENT = FastCounter(
    "recruit_ws_bytes_sent_total",
    "Bytes of text in the frames sent, before compression.",
    ["consumer", "kind"],
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
    "Processing time of a frame from a browser.",
    ["consumer", "kind"],
    buckets=QUICK_SECONDS,
)
HANDLER_ERRORS = Counter(
    "recruit_ws_handler_errors_total",
    "Frames whose processing failed with an unexpected error.",
    ["consumer", "kind"],
)
SLOW_READERS = Counter(
    "recruit_ws_slow_readers_total",
    "Sockets closed because they read more slowly than their board changes.",
    ["consumer"],
)
SEND_QUEUE_FRAMES = Gauge(
    "recruit_ws_mailbox_frames",
    "Frames waiting to be sent to the sockets of this process, in total.",
    ["consumer"],
    multiprocess_mode="livesum",
)
SEND_QUEUE_MAX_FRAMES = Gauge(
    "recruit_ws_mailbox_deepest_frames",
    "Frames waiting for the socket with the longest send queue.",
    ["consumer"],
    multiprocess_mode="livemax",
)

# --- Live lists: hub, snapshots, layer ------------------------------------------------------

TOPICS_FOLLOWED = Gauge(
    "recruit_hub_topics",
    "Live lists followed by this process.",
    ["topic"],
    multiprocess_mode="livesum",
)
SUBSCRIPTIONS = Counter(
    "recruit_ws_beginnings_total",
    "Subscriptions started: fresh (with a snapshot), resumed, or lost (could not be resumed).",
    ["topic", "outcome"],
)
GAPS = Counter(
    "recruit_hub_gaps_total", "Missing positions that were fetched from the database.", ["topic"]
)
FOLDED = Counter(
    "recruit_live_folded_total",
    "Changes not sent, because a newer change of the same row was in the same batch.",
    ["topic"],
)
DROPPED = Counter(
    "recruit_live_dropped_total",
    "Dropped messages: hint (the queue was full), latest (replaced by a newer one).",
    ["what"],
)
SNAPSHOTS = Counter(
    "recruit_snapshots_total",
    "Snapshots sent to readers: rendered, or kept (reused from an earlier reader).",
    ["topic", "source"],
)
SNAPSHOT_SECONDS = Histogram(
    "recruit_snapshot_seconds",
    "Time to render a snapshot.",
    ["topic"],
    buckets=QUICK_SECONDS,
)
SNAPSHOT_BYTES = Summary("recruit_snapshot_bytes", "Size of rendered snapshots.", ["topic"])
LAYER_SECONDS = Histogram(
    "recruit_layer_publish_seconds",
    "Time for the channel layer to accept a message.",
    buckets=QUICK_SECONDS,
)
LAYER_ERRORS = Counter(
    "recruit_layer_errors_total",
    "Failed calls of the channel layer: group_send, group_add, group_discard or flush.",
    ["operation"],
)
LAYER_RECONNECTS = Counter(
    "recruit_layer_reconnects_total", "Reconnections to the channel layer after a failure."
)

# --- Relay ----------------------------------------------------------------------------------

RELAY_BATCHES = Counter(
    "recruit_relay_batches_total",
    "Batches of changes published by the relay, one per topic and cycle.",
)
RELAY_CHANGES = Counter(
    "recruit_relay_changes_total", "Rows published by the relay, after folding."
)
RELAY_BATCH_SIZE = Histogram(
    "recruit_relay_batch_size", "Rows in a batch of the relay.", buckets=BATCH_SIZES
)
RELAY_SECONDS = Histogram(
    "recruit_relay_turn_seconds",
    "Time the relay took to number and render the pending changes.",
    buckets=QUICK_SECONDS,
)
BACKUP_AGE_SECONDS = DbGauge(
    "recruit_backup_age_seconds", "Age of the last backup; without one, age of the site."
)
BACKUP_MAX_AGE_SECONDS = DbGauge(
    "recruit_backup_max_age_seconds",
    "Age above which the last backup is too old (BACKUP_MAX_AGE_HOURS); 0: not monitored.",
)
REDIS_UP = DbGauge(
    "recruit_redis_up", "1 if Redis responds and accepts a write, 0 if not.", server="redis"
)
CLOCK_DIFFERENCE_SECONDS = DbGauge(
    "recruit_clock_difference_seconds", "Difference between the clocks of site and database."
)
RELAY_SILENCE_SECONDS = DbGauge(
    "recruit_relay_silence_seconds", "Time since a relay last numbered all waiting changes."
)
PENDING_MARKERS = DbGauge(
    "recruit_relay_pending_markers", "Changes waiting for the relay to number them."
)
OLDEST_MARKER_SECONDS = DbGauge(
    "recruit_relay_oldest_marker_seconds",
    "Age of the oldest change waiting for the relay; 0 if there is none.",
)

# --- The process itself ---------------------------------------------------------------------

BUILD_INFO = Gauge(
    "recruit_build_info",
    "1. The labels say what this process runs; build: the commit or tag of its image.",
    ["version", "release", "build", "python", "django"],
    multiprocess_mode="livemax",
)

EVENT_LOOP_LAG_SECONDS = Histogram(
    "recruit_event_loop_lag_seconds",
    "Delay of the event loop in waking a sleeping task.",
    buckets=QUICK_SECONDS,
)
DATABASE_WAIT_SECONDS = Histogram(
    "recruit_database_wait_seconds",
    "Time that asynchronous code waited for a database thread.",
    buckets=QUICK_SECONDS,
)

# --- Pages, database, cache -----------------------------------------------------------------

HTTP_REQUESTS = Counter(
    "recruit_http_requests_total", "Requests served.", ["view", "method", "status"]
)
HTTP_SECONDS = Histogram(
    "recruit_http_request_seconds",
    "From a request to the start of its response.",
    ["view", "method"],
    buckets=PAGE_SECONDS,
)
HTTP_IN_PROGRESS = Gauge(
    "recruit_http_requests_in_progress",
    "Requests in progress.",
    multiprocess_mode="livesum",
)
HTTP_SLOW = Counter(
    "recruit_http_slow_requests_total",
    "Requests that took SLOW_REQUEST_SECONDS or longer.",
    ["view"],
)
QUERY_SECONDS = Histogram(
    "recruit_database_query_seconds",
    "Duration of database statements, by their first word.",
    ["operation"],
    buckets=QUICK_SECONDS,
)
QUERY_ERRORS = Counter(
    "recruit_database_errors_total",
    "Failed statements: integrity, operational (the database is unreachable), timeout or other.",
    ["kind"],
)
DATABASE_STATEMENT_SECONDS = DbGauge(
    "recruit_database_oldest_statement_seconds",
    "How long the oldest running statement runs already; 0 if there is none.",
    server="database activity",
)
DATABASE_IDLE_TRANSACTION_SECONDS = DbGauge(
    "recruit_database_oldest_idle_transaction_seconds",
    "How long the oldest idle transaction has executed nothing; 0 if there is none.",
    server="database activity",
)
DATABASE_BLOCKED = DbGauge(
    "recruit_database_blocked_backends",
    "Database processes that have waited for a lock for more than a second.",
    server="database activity",
)
DATABASE_BLOCKING_SECONDS = DbGauge(
    "recruit_database_blocking_seconds",
    "For how long a database process has held the lock that others need, by its name and id.",
    ["application", "pid"],
    server="database activity",
)
POOL_CONNECTIONS = Gauge(
    "recruit_database_pool_connections",
    "Connections in the pool of this process: idle or busy.",
    ["state"],
    multiprocess_mode="livesum",
)
POOL_WAITING = Gauge(
    "recruit_database_pool_waiting",
    "Requests of this process waiting for a connection.",
    multiprocess_mode="livesum",
)
CACHE_REQUESTS = Counter(
    "recruit_cache_requests_total",
    "Cache reads, by outcome: hit, old (a stale value, while another caller recomputes it), "
    "miss or error.",
    ["cache", "outcome"],
)

RATE_LIMITED_REQUESTS = Counter(
    "recruit_rate_limited_requests_total",
    "Requests under a rate limit: allowed, refused, or uncounted (Redis is down).",
    ["scope", "outcome"],
)

# --- Celery, by the names that the public dashboards use ------------------------------------

TASK_SENT = Counter("celery_task_sent_total", "Tasks sent.", ["name", "queue_name"])
TASK_RECEIVED = Counter(
    "celery_task_received_total", "Tasks received by a worker.", ["name", "hostname", "queue_name"]
)
TASK_STARTED = Counter(
    "celery_task_started_total", "Tasks started.", ["name", "hostname", "queue_name"]
)
TASK_SUCCEEDED = Counter(
    "celery_task_succeeded_total", "Tasks that succeeded.", ["name", "hostname", "queue_name"]
)
TASK_FAILED = Counter(
    "celery_task_failed_total",
    "Tasks that failed, by class of the exception.",
    ["name", "hostname", "queue_name", "exception"],
)
TASK_RETRIED = Counter(
    "celery_task_retried_total", "Tasks retried.", ["name", "hostname", "queue_name"]
)
TASK_REVOKED = Counter(
    "celery_task_revoked_total", "Tasks revoked.", ["name", "hostname", "queue_name"]
)
TASK_REJECTED = Counter(
    "celery_task_rejected_total", "Messages without a matching task.", ["hostname", "queue_name"]
)
TASK_RUNTIME = Histogram(
    "celery_task_runtime",
    "Duration of tasks in seconds.",
    ["name", "hostname", "queue_name"],
    buckets=WORK_SECONDS,
)
WORKER_UP = Gauge(
    "celery_worker_up", "1 while this worker is running.", ["hostname"], multiprocess_mode="livemax"
)
WORKER_TASKS_ACTIVE = Gauge(
    "celery_worker_tasks_active",
    "Tasks being executed by this worker.",
    ["hostname"],
    multiprocess_mode="livesum",
)
QUEUE_LENGTH = DbGauge(
    "celery_queue_length", "Messages waiting in a queue.", ["queue_name"], server="broker"
)
ACTIVE_WORKERS = DbGauge("celery_active_worker_count", "Workers with a recent heartbeat.")
BEAT_SENT = Counter("recruit_beat_sent_total", "Schedule entries sent by this beat.")
BEAT_HOLDS_LEASE = Gauge(
    "recruit_beat_holds_lease",
    "1 while this beat is the leader, which sends.",
    multiprocess_mode="livemax",
)

# --- The business ---------------------------------------------------------------------------

INTERVIEWS = DbGauge(
    "recruit_interviews", "Today's interviews of all active campaigns, by status.", ["status"]
)
INTERVIEWS_FLAGGED = DbGauge(
    "recruit_interviews_flagged",
    "Today's interviews with a flag (late, overrun, …).",
    ["flag"],
)
ROOM_SHIFTS = Counter(
    "recruit_room_shifts_total",
    "Shifts of a room: all its waiting interviews start later or earlier.",
)
FEEDBACK_OVERDUE = DbGauge("recruit_feedback_overdue", "Overdue scorecards.")
NOTICES_WAITING = DbGauge(
    "recruit_notices_waiting",
    "Messages waiting to be sent, by channel and state.",
    ["channel", "state"],
)
NOTICES_OLDEST_SECONDS = DbGauge(
    "recruit_notices_oldest_seconds",
    "Age of the oldest message that may be sent now; 0 if there is none.",
    ["channel"],
)
NOTICES = Counter(
    "recruit_notices_total",
    "Notifications by channel and result: sent, failed, dead, expired or withdrawn.",
    ["channel", "result"],
)
DINGTALK_ANSWERS = Counter(
    "recruit_dingtalk_answers_total", "Responses of DingTalk, by meaning.", ["meaning"]
)
DINGTALK_BUDGET_LEFT = DbGauge(
    "recruit_dingtalk_budget_left",
    "Messages that a robot may still send in this minute.",
    ["robot"],
    server="database and redis",
)
DINGTALK_ROBOTS_UNWELL = DbGauge(
    "recruit_dingtalk_robots_unwell",
    "Robots that are paused or need attention.",
)
UPLOADS_SCANNED = Counter(
    "recruit_uploads_scanned_total",
    "Uploads given to the malware scanner: clean, infected or failed (refused, as not scanned).",
    ["outcome"],
)
IMPORT_ROWS = Counter(
    "recruit_import_rows_total", "Imported rows: written, known or rejected.", ["outcome"]
)
TASK_RUNS = DbGauge(
    "recruit_task_runs", "Background tasks queued or running, by kind.", ["name", "state"]
)
PROCESSES_ALIVE = DbGauge(
    "recruit_processes_alive", "Processes with a recent heartbeat.", ["process"]
)
SCHEDULE_SILENCE_SECONDS = DbGauge(
    "recruit_schedule_silence_seconds",
    "Time since a scheduled task last went from beat through the broker to a worker.",
)
DISK_FREE_BYTES = DbGauge(
    "recruit_disk_free_bytes",
    "Free space of the disk that stores files of this place: data, private or logs.",
    ["place"],
    server="disk",
)
DISK_SIZE_BYTES = DbGauge(
    "recruit_disk_size_bytes",
    "Size of the disk that stores files of this place.",
    ["place"],
    server="disk",
)
SITE_READ_SECONDS = Summary(
    "recruit_site_read_seconds", "Time to read the gauges of the whole site."
)
SITE_READ_ERRORS = Counter(
    "recruit_site_read_errors_total",
    "Failed reads of the gauges of the whole site, by metric.",
    ["metric"],
)
DB_GAUGES.count_errors(SITE_READ_ERRORS)
