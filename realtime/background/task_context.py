"""The interface between a task function and its run: context, result, and the ways to end early.

Task functions import these names from `tracked_tasks`.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from django.core.files.base import ContentFile

from realtime.background import progress, task_runs
from realtime.models import TaskRun


class TaskFailed(Exception):
    """The task cannot be done, for a reason its owner can read. errors: number of problems."""

    def __init__(self, reason: object = "", *, errors: int = 0) -> None:
        super().__init__(str(reason))
        self.errors = errors


class TaskCancelled(Exception):
    """Cancellation was requested. Do not catch it, so that the transaction is rolled back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskResult:
    """Outcome of a run, shown to its owner.

    message  what was done
    errors   number of problems
    url      page that shows the result
    file     stored with the run and served only to its owner
    """

    message: str = ""
    errors: int = 0
    url: str = ""
    file: ContentFile[Any] | None = None


class TaskContext:
    """One run while a worker executes it; the first argument of every task function."""

    def __init__(self, run: TaskRun) -> None:
        self.run = run
        self.is_cancelled = False
        self._started = time.monotonic()
        self._reported = 0.0

    def set_total(self, total: int) -> None:
        """Sets the number of steps that the run will have."""
        self.run.total = total

    def report_progress(self, done: int, message: str = "") -> None:
        """Reports that `done` steps are done. Call it for every row: most calls return at once.

        The shown number never decreases, even when a restarted run repeats steps. Raises
        TaskCancelled if cancellation was requested.
        """
        self.run.done = max(self.run.done, done)
        self.run.message = message or self.run.message
        now = time.monotonic()
        if now - self._reported < progress.TICK_SECONDS:
            return
        self._reported = now
        if self.run.can_cancel and task_runs.is_cancel_requested(self.run):
            self.is_cancelled = True
            raise TaskCancelled
        rate = done / (now - self._started)
        left = round(max(self.run.total - done, 0) / rate) if done and self.run.total else None
        progress.publish(self.run, rate=round(rate, 1) if done else None, eta_seconds=left)
