"""What /readyz asks of the parts that `monitoring` does not know."""

from django.utils import timezone

from monitoring.health import NotReady, register
from realtime.heartbeats import alive
from realtime.models import Change, Heartbeat, ScheduledRun
from realtime.tasks import heartbeat

LONGEST_LAG_SECONDS = 10  # a relay that is up publishes within milliseconds
LONGEST_SILENCE_SECONDS = 120  # four heartbeats


def relay() -> str:
    """How long the oldest change has been waiting for the relay."""
    pending = Change.objects.filter(position=None).order_by("id").first()
    if pending is None:
        return "nothing is waiting"
    seconds = (timezone.now() - pending.recorded_at).total_seconds()
    if seconds > LONGEST_LAG_SECONDS:
        raise NotReady(f"{seconds:.0f} s behind")
    return f"{max(seconds, 0):.1f} s behind"


def schedule() -> str:
    """How long ago something went all the way from beat through the broker to a worker."""
    done = ScheduledRun.objects.filter(task=heartbeat.name, state=ScheduledRun.State.DONE)
    last = done.order_by("-scheduled_for").first()
    if last is None or last.finished_at is None:
        raise NotReady("nothing was carried out yet")
    seconds = (timezone.now() - last.finished_at).total_seconds()
    if seconds > LONGEST_SILENCE_SECONDS:
        raise NotReady(f"nothing was carried out for {seconds:.0f} s")
    return f"{max(seconds, 0):.0f} s ago"


def register_checks() -> None:
    register("relay", relay)
    register("beat", lambda: alive(Heartbeat.Process.BEAT), is_told_only=True)
    register("worker", lambda: alive(Heartbeat.Process.WORKER), is_told_only=True)
    register("schedule", schedule, is_told_only=True)
