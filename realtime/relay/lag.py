"""The relay's silence and backlog, for metrics and readiness checks. Any process can measure it."""

from __future__ import annotations

from django.utils import timezone

from monitoring.metrics.metrics import (
    OLDEST_MARKER_SECONDS,
    PENDING_MARKERS,
    RELAY_SILENCE_SECONDS,
)
from realtime.log.relay_activity import read_activity
from realtime.models import Change


def register() -> None:
    """Provide the values of the three gauges. Called at start-up."""
    PENDING_MARKERS.set_reader(lambda: {(): pending_markers()})
    OLDEST_MARKER_SECONDS.set_reader(lambda: {(): oldest_marker_seconds()})
    RELAY_SILENCE_SECONDS.set_reader(lambda: {(): relay_silence_seconds()})


def relay_silence_seconds() -> float:
    """The time since a relay last numbered all changes; before the first one, that of a change."""
    activity = read_activity()
    return oldest_marker_seconds() if activity is None else activity.seconds


def pending_markers() -> int:
    """The number of changes without a position."""
    return Change.objects.filter(position=None).count()


def oldest_marker_seconds() -> float:
    """The age of the oldest change without a position; 0 if there is none."""
    pending = Change.objects.filter(position=None).order_by("id")
    recorded_at = pending.values_list("recorded_at", flat=True).first()
    if recorded_at is None:
        return 0.0
    return max((timezone.now() - recorded_at).total_seconds(), 0.0)
