"""What /readyz asks of the parts that `monitoring` does not know."""

import math

from django.utils.translation import gettext_lazy as _

from monitoring.health.checks import Advice, Check, NotReady, register
from realtime.background.heartbeats import check_alive
from realtime.background.periodic.health import silence_seconds
from realtime.models import Heartbeat
from realtime.relay.lag import oldest_marker_seconds, pending_markers

LONGEST_LAG_SECONDS = 10  # a relay that is up publishes within milliseconds
LONGEST_SILENCE_SECONDS = 120  # four heartbeats


def relay() -> str:
    """How long the oldest change has been waiting for the relay."""
    if not pending_markers():
        return "nothing is waiting"
    seconds = oldest_marker_seconds()
    if seconds > LONGEST_LAG_SECONDS:
        raise NotReady(f"{seconds:.0f} s behind")
    return f"{seconds:.1f} s behind"


def schedule() -> str:
    """How long ago something went all the way from beat through the broker to a worker."""
    seconds = silence_seconds()
    if math.isinf(seconds):
        raise NotReady("nothing was carried out yet")
    if seconds > LONGEST_SILENCE_SECONDS:
        raise NotReady(f"nothing was carried out for {seconds:.0f} s")
    return f"{seconds:.0f} s ago"


RELAY = Advice(
    problem=_("The relay does not pass changes on: boards stand still."),
    remedy=_("Start it anew (manage.py relay). What waits is shown within seconds."),
    runbook="RelayStopped",
)
BEAT = Advice(
    problem=_("No beat is alive: nothing happens by the clock, no reminder and no sweep."),
    remedy=_("Start one (celery --app project beat). A second one only stands by."),
    runbook="ScheduleSilent",
)
WORKER = Advice(
    problem=_("No worker is alive: imports, notices and reminders wait."),
    remedy=_("Start one (celery --app project worker). What waits is done then."),
    runbook="WorkersGone",
)
SCHEDULE = Advice(
    problem=_("Work by the clock does not get through to a worker."),
    remedy=_("Look at beat, at the workers and at the length of the queues, in this order."),
    runbook="ScheduleSilent",
)


def register_checks() -> None:
    for name, run, advice, is_advisory in (
        ("relay", relay, RELAY, False),
        ("beat", lambda: check_alive(Heartbeat.Process.BEAT), BEAT, True),
        ("worker", lambda: check_alive(Heartbeat.Process.WORKER), WORKER, True),
        ("schedule", schedule, SCHEDULE, True),
    ):
        check = Check(run=run, advice=advice, is_advisory=is_advisory, depends_on="database")
        register(name, check)
