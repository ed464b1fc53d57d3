"""Divides the topics among the relays that are alive, by the hash of the topic's name.

A relay numbers the changes of its own part at once, and those of other parts when they are overdue:
the relay there is busy, hangs or has died. So nothing depends on all relays dividing alike, and the
division may follow the heartbeats, which notice a death after 45 seconds. A relay that had to help
takes all topics until it reads the heartbeats again, so that one change in ten seconds is late.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from realtime.models import Heartbeat

OVERDUE_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Partition:
    """The topics whose hash, divided by `count`, leaves `place`."""

    place: int = 0
    count: int = 1


ALL_TOPICS = Partition()


def partition_of(heartbeat: int | None) -> Partition:
    """The part of the relay with this heartbeat, in one query; all topics if it is not alive."""
    relays = Heartbeat.objects.filter(process=Heartbeat.Process.RELAY, is_alive=True)
    return choose(heartbeat, relays.order_by("pk").values_list("pk", flat=True))


def choose(relay: int | None, alive: Iterable[int]) -> Partition:
    """The part of this relay among those that are alive, in their order."""
    relays = list(alive)
    return Partition(relays.index(relay), len(relays)) if relay in relays else ALL_TOPICS
