"""What this app has to show to operations: processes, work that failed, and entries of the schedule
that failed or cannot be read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

from django.urls import reverse
from django.utils.translation import gettext as _

from realtime.background.heartbeats import PREFIX, heartbeat_row
from realtime.background.periodic.entries import declared_entries
from realtime.models import Heartbeat, ScheduledRun, TaskRun
from realtime.operations import registry
from realtime.operations.registry import RowSource
from realtime.protocol.server_frames import Row, isoformat
from realtime.tracking import track

HEARTBEAT, RUN, ENTRY = PREFIX.removesuffix(":"), "run", "entry"


def register() -> None:
    registry.register_topic()
    registry.register(
        RowSource(
            prefix=HEARTBEAT,
            queryset=lambda: Heartbeat.objects.order_by("pk"),
            limit=None,
            row=heartbeat_row,
        )
    )
    registry.register(
        RowSource(
            prefix=RUN,
            queryset=lambda: TaskRun.objects.filter(state=TaskRun.State.FAILED).order_by(
                "-finished_at", "-pk"
            ),
            row=run_row,
            texts=run_texts,
        )
    )
    registry.register(
        RowSource(
            prefix=ENTRY,
            queryset=lambda: ScheduledRun.objects.exclude(state=ScheduledRun.State.DONE),
            row=entry_row,
            texts=entry_texts,
        )
    )
    track(TaskRun, record_runs)
    track(ScheduledRun, record_entries)


def record_runs(runs: Sequence[TaskRun]) -> None:
    """A run that has failed stays so until it is forgotten."""
    registry.record(RUN, [run.pk for run in runs if run.state == TaskRun.State.FAILED])


def record_entries(runs: Sequence[ScheduledRun]) -> None:
    """What goes well is no news, unless it did not before."""
    troubled = [run for run in runs if {run.state, run.state_before} - {ScheduledRun.State.DONE}]
    registry.record(ENTRY, [run.pk for run in troubled])


def incident_row(prefix: str, pk: object, **told: str | int | None) -> Row:
    """Something that went wrong.

    name    what kind of thing it was; "" where a person has named it
    at      when, as ISO
    reason  a code, for which the source has words, or the class of an exception
    """
    key = f"{prefix}:{pk}"
    return {"key": key, "kind": "trouble", "version": 0, "what": prefix, "id": str(pk), **told}


def run_row(run: TaskRun) -> Row:
    """Without its title and its message: they may tell of people."""
    at = isoformat(run.finished_at or run.created_at)
    return incident_row(RUN, run.pk, version=run.version, name=run.name, at=at, reason="failed")


def entry_row(run: ScheduledRun) -> Row:
    is_ours = run.entry in _declared() or run.entry == run.task
    is_refused = run.state == ScheduledRun.State.REFUSED
    return incident_row(
        ENTRY,
        run.pk,
        name=run.entry if is_ours else "",
        at=isoformat(run.finished_at or run.started_at),
        reason="refused" if is_refused else run.message,
    )


@cache
def _declared() -> frozenset[str]:
    return frozenset(entry.name for entry in declared_entries())


def run_texts() -> Mapping[str, str]:
    return {"run": _("Background work"), "run.reason.failed": _("failed")}


def entry_texts() -> Mapping[str, str]:
    return {
        "entry": _("Scheduled work"),
        "entry.unnamed": _("an entry made by hand"),
        "entry.reason.refused": _("cannot be read, and is left out"),
    }


def incident_pages() -> Mapping[str, str]:
    """Where more is to be seen of each kind."""
    return {
        RUN: f"{reverse('tasks')}?state={TaskRun.State.FAILED}",
        ENTRY: reverse("admin:realtime_scheduledrun_changelist"),
    }
