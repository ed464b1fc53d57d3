"""Readiness checks of wake-ups, relay, beat, workers and schedule, for /readyz and `doctor`."""

import math
from uuid import uuid4

import psycopg
from django.conf import settings
from django.db import connection
from django.utils.translation import gettext_lazy as _

from monitoring.database_timeouts import CONNECT_SECONDS
from monitoring.health.checks import (
    Advice,
    Check,
    Degraded,
    NotReady,
    register,
)
from realtime.background.heartbeats import check_alive
from realtime.background.periodic.health import silence_seconds
from realtime.log.relay_activity import STALLED_SECONDS, read_activity
from realtime.models import Heartbeat
from realtime.relay.lag import oldest_marker_seconds, pending_markers
from realtime.session_connection import connect

MAX_LAG_SECONDS = 10  # a healthy relay publishes within milliseconds
MAX_SILENCE_SECONDS = 60  # four heartbeats
# One channel for all checks: through a pooler, a session may go on listening for others.
CHECK_CHANNEL = "realtime_check"
ARRIVE_SECONDS = 1  # a notification takes a millisecond


def wakeups() -> str:
    """Notify ourselves, as a writer does, on a connection like that of the relay.

    Raises NotReady if the notification does not arrive, and psycopg.Error if nobody can listen.
    """
    payload = uuid4().hex
    with connect("check", connect_timeout=CONNECT_SECONDS) as listener:
        listener.execute(f"LISTEN {CHECK_CHANNEL}")
        with psycopg.connect(**connection.get_connection_params(), autocommit=True) as writer:
            writer.execute("SELECT pg_notify(%s, %s)", [CHECK_CHANNEL, payload])
        for notification in listener.notifies(timeout=ARRIVE_SECONDS):
            if notification.payload == payload:
                return "arrive"
    raise NotReady("do not arrive")


def relay() -> str:
    """Return how long the oldest change has waited for the relay, such as "0.3 s behind".

    Raises NotReady above MAX_LAG_SECONDS, and Degraded if nothing waits but no relay would publish
    it: boards say so from then on.
    """
    activity, waiting = read_activity(), pending_markers()
    seconds = oldest_marker_seconds() if waiting else 0
    if seconds > MAX_LAG_SECONDS:
        raise NotReady(f"{seconds:.0f} s behind")
    if activity is None:
        raise Degraded("has never run")
    if activity.seconds > STALLED_SECONDS:
        raise Degraded(f"no sign of life for {activity.seconds:.0f} s")
    return f"{seconds:.1f} s behind" if waiting else "nothing is waiting"


def schedule() -> str:
    """Return how long ago a scheduled task last reached a worker, by way of beat and the broker.

    Raises NotReady above MAX_SILENCE_SECONDS.
    """
    seconds = silence_seconds()
    if math.isinf(seconds):
        raise NotReady("no scheduled task has run yet")
    if seconds > MAX_SILENCE_SECONDS:
        raise NotReady(f"no scheduled task has run for {seconds:.0f} s")
    return f"{seconds:.0f} s ago"


WAKEUPS = Advice(
    problem=_("Notifications of PostgreSQL do not arrive: boards are half a second late."),
    remedy=_("If DATABASE_URL is a pooler, set DATABASE_DIRECT_URL to the address of PostgreSQL."),
    runbook="BoardsSlow",
)
RELAY = Advice(
    problem=_("The relay does not publish changes: boards are frozen."),
    remedy=_("Restart it (manage.py relay). Pending changes appear within seconds."),
    runbook="RelayStopped",
)
BEAT = Advice(
    problem=_("Beat is not running: no scheduled task starts, including reminders and recovery."),
    remedy=_("Start it (celery --app project beat). A second one would only be a standby."),
    runbook="ScheduleSilent",
)
WORKER = Advice(
    problem=_("No worker is running: imports, notices and reminders are waiting."),
    remedy=_("Start one (celery --app project worker). It runs the waiting tasks."),
    runbook="WorkersGone",
)
SCHEDULE = Advice(
    problem=_("Scheduled tasks do not reach the workers."),
    remedy=_("Check beat, then the workers, then the queue lengths."),
    runbook="ScheduleSilent",
)


def register_checks() -> None:
    broker = ("redis",) if settings.BROKER_URL == settings.REDIS_URL else ()
    for name, run, advice, is_advisory, caused_by in (
        ("wakeups", wakeups, WAKEUPS, True, ()),
        ("relay", relay, RELAY, False, ()),
        ("beat", lambda: check_alive(Heartbeat.Process.BEAT), BEAT, True, broker),
        ("worker", lambda: check_alive(Heartbeat.Process.WORKER), WORKER, True, broker),
        ("schedule", schedule, SCHEDULE, True, (*broker, "beat", "worker")),
    ):
        register(
            name,
            Check(
                run=run,
                advice=advice,
                is_advisory=is_advisory,
                depends_on="database",
                caused_by=caused_by,
            ),
        )
