"""Which relay, beat and worker processes are alive.

Each process renews its heartbeat row every BEAT_SECONDS; one that is silent for SILENT_AFTER is
shown as gone. Only a process that appears or disappears writes a change marker, a renewal does not.
Used by the relay, by beat's scheduler, by workers, by /readyz, and by the operations page.
"""

from __future__ import annotations

import logging
import os
import socket
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import InterfaceError, OperationalError, connection, models, transaction
from django.utils import timezone

from monitoring.health.checks import NotReady
from monitoring.metrics.db_gauges import Reading
from monitoring.metrics.metrics import ACTIVE_WORKERS, PROCESSES_ALIVE
from realtime.log import changes, topics
from realtime.models import Heartbeat
from realtime.protocol.server_frames import Row, isoformat
from realtime.tracking import track

logger = logging.getLogger(__name__)

BEAT_SECONDS = 10.0
SILENT_AFTER = timedelta(seconds=45)  # four heartbeats missed
DELETED_AFTER = timedelta(days=1)
PREFIX = "heartbeat:"


def register() -> None:
    track(Heartbeat, record_heartbeats)
    ACTIVE_WORKERS.set_reader(lambda: {(): count_alive(Heartbeat.Process.WORKER)})
    PROCESSES_ALIVE.set_reader(processes_alive)


def record_heartbeats(beats: Sequence[Heartbeat]) -> None:
    keys = [f"{PREFIX}{one.pk}" for one in beats if one.pk]
    changes.record((topic, key) for topic in (topics.tasks(), topics.ops()) for key in keys)


class HeartbeatWriter:
    """Writes the heartbeat of this process. Never raises when the database is unreachable."""

    def __init__(self, process: Heartbeat.Process) -> None:
        self._process = process
        self.row: int | None = None  # id of the heartbeat, once it was written
        self._next = 0.0
        self._is_stopped = False

    def is_due(self) -> bool:
        return not self._is_stopped and time.monotonic() >= self._next

    def beat(self) -> None:
        """Renews the heartbeat if that is due, and otherwise returns at once."""
        if not self.is_due():
            return
        self._next = time.monotonic() + BEAT_SECONDS
        try:
            if not self._renew():
                self.row = self._insert()
        except (OperationalError, InterfaceError):
            logger.warning("Could not write the heartbeat", extra={"action": "heartbeat_lost"})

    def stop(self) -> None:
        """Deletes the heartbeat, so that a process that ends normally is not shown as silent.

        Later beats do nothing: Celery reports a last heartbeat while it stops.
        """
        self._is_stopped = True
        if self.row is None:
            return
        try:
            Heartbeat.objects.filter(pk=self.row).delete()
        except (OperationalError, InterfaceError):
            logger.warning("Could not delete the heartbeat", extra={"action": "heartbeat_lost"})

    def _renew(self) -> bool:
        """Uses a plain queryset: no list shows `seen_at`, so the update needs no change marker."""
        if self.row is None:
            return False
        plain: models.QuerySet[Heartbeat] = models.QuerySet(Heartbeat)
        alive = plain.filter(pk=self.row, is_alive=True)
        return alive.update(seen_at=timezone.now()) == 1

    def _insert(self) -> int:
        now = timezone.now()
        name = f"{socket.gethostname()[:80]}:{os.getpid()}"
        row, is_new = Heartbeat.objects.get_or_create(
            process=self._process, name=name, defaults={"since": now, "seen_at": now}
        )
        if not is_new:  # it was silent, or the operating system has reused its process id
            row.since = row.seen_at = now
            row.is_alive, row.version = True, row.version + 1
            row.save()
        return row.pk


def close_connections() -> None:
    """Closes connection and pool. For a process that forks: children must not inherit them."""
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]  # PostgreSQL's


@transaction.atomic
def heartbeats_mark_silent(now: datetime) -> int:
    """Marks silent processes as gone and deletes those silent for DELETED_AFTER.

    Returns how many were newly marked.
    """
    silent = Heartbeat.objects.select_for_update(skip_locked=True).filter(
        is_alive=True, seen_at__lt=now - SILENT_AFTER
    )
    gone = list(silent)
    for one in gone:
        one.is_alive, one.version = False, one.version + 1
    Heartbeat.objects.bulk_update(gone, ["is_alive", "version"])
    Heartbeat.objects.filter(is_alive=False, seen_at__lt=now - DELETED_AFTER).delete()
    for one in gone:
        lost = {"action": "process_silent", "silent": one.name}
        logger.warning("No heartbeat from process: %s", one.process, extra=lost)
    return len(gone)


def heartbeat_rows(keys: Iterable[str] | None = None) -> list[Row]:
    """Rows of all heartbeats, or of those with these keys; other keys are ignored."""
    beats = Heartbeat.objects.order_by("pk")
    if keys is not None:
        ids = [key.removeprefix(PREFIX) for key in keys if key.startswith(PREFIX)]
        if not ids:
            return []
        beats = beats.filter(pk__in=ids)
    return [heartbeat_row(one) for one in beats]


@dataclass(frozen=True, slots=True)
class ProcessGroup:
    """The known processes of one kind, silent ones first. label: the kind, translated."""

    process: str
    label: str
    members: list[Heartbeat]

    @property
    def alive(self) -> int:
        return sum(one.is_alive for one in self.members)

    @property
    def silent(self) -> int:
        """The number of silent members while others are alive."""
        return len(self.members) - self.alive if self.alive else 0

    @property
    def tone(self) -> str:
        """Colour of the group. Must agree with `toneOf` in processes-rows.js."""
        if not self.alive:
            return "alert"
        return "ok" if self.alive == len(self.members) else "warn"


def process_groups() -> list[ProcessGroup]:
    """Processes by kind. Counts one as silent by the clock, even before its row says so."""
    silent = unreported_silent_keys()
    beats = list(Heartbeat.objects.order_by("name"))
    for one in beats:
        one.is_alive = one.is_alive and f"{PREFIX}{one.pk}" not in silent
    beats.sort(key=lambda one: one.is_alive)
    return [
        ProcessGroup(value, str(label), [one for one in beats if one.process == value])
        for value, label in Heartbeat.Process.choices
    ]


def unreported_silent_keys() -> set[str]:
    """Keys of silent processes not yet marked as gone: the relay that marks them may be down."""
    silent = Heartbeat.objects.filter(is_alive=True, seen_at__lt=timezone.now() - SILENT_AFTER)
    return {f"{PREFIX}{pk}" for pk in silent.values_list("pk", flat=True)}


def heartbeat_row(beat: Heartbeat) -> Row:
    return {
        "key": f"{PREFIX}{beat.pk}",
        "kind": "heartbeat",
        "version": beat.version,
        "process": beat.process,
        "name": beat.name,
        "since": isoformat(beat.since),
        "alive": beat.is_alive,
    }


def processes_alive() -> Reading:
    """Number of live processes by kind, 0 included: values of PROCESSES_ALIVE."""
    recent = Heartbeat.objects.filter(seen_at__gte=timezone.now() - SILENT_AFTER)
    counted = recent.order_by().values_list("process").annotate(models.Count("pk"))
    numbers = dict.fromkeys(Heartbeat.Process.values, 0) | dict(counted)
    return {(process,): number for process, number in numbers.items()}


def check_alive(process: Heartbeat.Process) -> str:
    """Health check: returns how many such processes are alive. Raises NotReady if none is."""
    number = count_alive(process)
    if not number:
        raise NotReady("no heartbeat")
    return f"{number} alive"


def count_alive(process: Heartbeat.Process) -> int:
    return Heartbeat.objects.filter(
        process=process, seen_at__gte=timezone.now() - SILENT_AFTER
    ).count()
