"""Names the task in what the main process of a worker reports about it.

Its child was killed or ran into its time limit, so only the main process is left to tell, and the
SDK knows tasks in children only.
"""

from __future__ import annotations

from typing import Any

from celery.worker.request import Request

from monitoring.sentry import reporting


class ReportedRequest(Request):
    """A received task. What is logged about its end is reported with its name and id."""

    def on_failure(self, *args: Any, **kwargs: Any) -> Any:
        with reporting.task_scope(self.name, self.id):
            return super().on_failure(*args, **kwargs)
