"""What a piece of work sees while it is carried out: its run, how to show steps, ways to end."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from django.core.files.base import ContentFile

from realtime.background import progress, task_runs
from realtime.models import TaskRun


class TaskFailed(Exception):
    """The work cannot be done, in words for people. errors: how many problems there were."""

    def __init__(self, reason: object = "", *, errors: int = 0) -> None:
        super().__init__(str(reason))
        self.errors = errors


class TaskCancelled(Exception):
    """Somebody asked to stop. Let it pass, so that everything is rolled back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskResult:
    """What came of it. url: a page that shows it; file: kept with the run, served to its owner."""

    message: str = ""
    errors: int = 0
    url: str = ""
    file: ContentFile[Any] | None = None


class TaskContext:
    """One run while a worker carries it out."""

    def __init__(self, run: TaskRun) -> None:
        self.run = run
        self.is_cancelled = False
        self._began = time.monotonic()
        self._looked = 0.0

    def set_total(self, total: int) -> None:
        """How many steps there will be."""
        self.run.total = total

    def report_progress(self, done: int, message: str = "") -> None:
        """Show that so many steps are done: never fewer than before, though they are done again.

        Call it at each row: most calls return at once. Raises TaskCancelled when somebody asked to
        stop.
        """
        self.run.done = max(self.run.done, done)
        self.run.message = message or self.run.message
        now = time.monotonic()
        if now - self._looked < progress.TICK_SECONDS:
            return
        self._looked = now
        if self.run.can_cancel and task_runs.is_cancel_requested(self.run):
            self.is_cancelled = True
            raise TaskCancelled
        rate = done / (now - self._began)
        left = round(max(self.run.total - done, 0) / rate) if done and self.run.total else None
        progress.publish(self.run, rate=round(rate, 1) if done else None, eta_seconds=left)
