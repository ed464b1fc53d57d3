"""Gauges of the messages that wait to be sent, per channel."""

from __future__ import annotations

from django.db.models import Count, Min, Q
from django.utils import timezone

from interview.models import Delivery
from interview.notifications import channels, outbox
from monitoring.metrics import metrics
from monitoring.metrics.db_gauges import Reading

PENDING = (*outbox.WAITING, Delivery.State.SENDING)


def register() -> None:
    metrics.NOTICES_WAITING.set_reader(notices_waiting)
    metrics.NOTICES_OLDEST_SECONDS.set_reader(notices_oldest_seconds)


def notices_waiting() -> Reading:
    """Number of pending messages by channel and state.

    Two conditions instead of one, so that PostgreSQL can use the two partial indexes.
    """
    waiting = Delivery.objects.filter(
        Q(state__in=outbox.WAITING) | Q(state=Delivery.State.SENDING)
    ).order_by()
    numbers: dict[tuple[str, ...], float] = {
        (channel.identifier, state): 0
        for channel in channels.external_channels()
        for state in PENDING
    }
    for channel, state, number in waiting.values_list("channel", "state").annotate(Count("pk")):
        numbers[channel, state] = number
    return numbers


def notices_oldest_seconds() -> Reading:
    """Age of the oldest due message per channel, without those that the channel has paused."""
    now = timezone.now()
    ready = outbox.due(now).exclude(channels.paused(now)).order_by()
    oldest = dict(ready.values_list("channel").annotate(Min("due_at")))
    return {
        (one,): (now - oldest[one]).total_seconds() if one in oldest else 0
        for one in (channel.identifier for channel in channels.external_channels())
    }
