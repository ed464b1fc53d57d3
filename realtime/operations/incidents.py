"""Rows of this app on the operations page: processes, failed task runs, failed schedule entries."""

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
    """Records the failed ones of these runs. A failed run stays in the list until it is deleted."""
    registry.record(RUN, [run.pk for run in runs if run.state == TaskRun.State.FAILED])


def record_entries(runs: Sequence[ScheduledRun]) -> None:
    """Records the runs that enter or leave the list: those that fail now or failed before."""
    failed = [run for run in runs if {run.state, run.state_before} - {ScheduledRun.State.DONE}]
    registry.record(ENTRY, [run.pk for run in failed])


def incident_row(prefix: str, pk: object, **fields: str | int | None) -> Row:
    """Row of something that failed, with these fields:

    name    kind of the failed thing; "" if a person chose its name, which may be personal data
    at      ISO time
    reason  a code that the source has a text for, or the class of an exception
    """
    key = f"{prefix}:{pk}"
    return {"key": key, "kind": "trouble", "version": 0, "what": prefix, "id": str(pk), **fields}


def run_row(run: TaskRun) -> Row:
    """Row of a failed task run, without title and message: they may contain personal data."""
    at = isoformat(run.finished_at or run.created_at)
    return incident_row(RUN, run.pk, version=run.version, name=run.name, at=at, reason="failed")


def entry_row(run: ScheduledRun) -> Row:
    is_declared = run.entry in _declared() or run.entry == run.task
    is_refused = run.state == ScheduledRun.State.REFUSED
    return incident_row(
        ENTRY,
        run.pk,
        name=run.entry if is_declared else "",
        at=isoformat(run.finished_at or run.started_at),
        reason="refused" if is_refused else run.message,
    )


@cache
def _declared() -> frozenset[str]:
    return frozenset(entry.name for entry in declared_entries())


def run_texts() -> Mapping[str, str]:
    return {"run": _("Background task"), "run.reason.failed": _("failed")}


def entry_texts() -> Mapping[str, str]:
    return {
        "entry": _("Scheduled task"),
        "entry.unnamed": _("an entry created by hand"),
        "entry.reason.refused": _("is invalid and was skipped"),
    }


def incident_pages() -> Mapping[str, str]:
    """Address of the page with all incidents of a kind, by row prefix."""
    return {
        RUN: f"{reverse('tasks')}?state={TaskRun.State.FAILED}",
        ENTRY: reverse("admin:realtime_scheduledrun_changelist"),
    }
