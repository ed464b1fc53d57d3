"""What /readyz asks of the parts that `monitoring` does not know."""

from django.utils import timezone

from monitoring.health import NotReady, register
from realtime.models import Change

LONGEST_LAG_SECONDS = 10  # a relay that is up publishes within milliseconds


def relay() -> str:
    """How long the oldest change has been waiting for the relay."""
    pending = Change.objects.filter(position=None).order_by("id").first()
    if pending is None:
        return "nothing is waiting"
    seconds = (timezone.now() - pending.recorded_at).total_seconds()
    if seconds > LONGEST_LAG_SECONDS:
        raise NotReady(f"{seconds:.0f} s behind")
    return f"{max(seconds, 0):.1f} s behind"


def register_checks() -> None:
    register("relay", relay)
