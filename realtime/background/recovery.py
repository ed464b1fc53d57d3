"""Periodic clean-up of task runs: sends lost runs again and deletes old result files.

Called by the tasks `sweep_runs` and `expire_results`.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from celery import current_app
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import translation
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from realtime.background import dispatch, task_runs
from realtime.background.results import result_files_delete
from realtime.background.run_lock import run_lock
from realtime.background.task_rows import ACTIVE
from realtime.models import TaskRun

logger = logging.getLogger(__name__)

SEND_GRACE = timedelta(seconds=5)  # the request that creates a run sends it within milliseconds
LOST_AFTER = timedelta(minutes=15)  # a message may wait long in a queue; sending twice is harmless
ABANDONED_AFTER = timedelta(seconds=20)  # a worker locks a run as soon as it gets the message
RESULTS_KEPT = timedelta(days=7)
MAX_RUNS_PER_SWEEP = 500


def resend_lost_runs(now: datetime) -> int:
    """Sends runs that the broker never received or has lost, or whose worker is gone.

    Returns how many were sent. A run that a worker executes is recognised by its lock. Sending too
    early, or twice, costs only a message.
    """
    sent = 0
    for run in _overdue(now)[:MAX_RUNS_PER_SWEEP]:
        if run.task not in current_app.tasks:
            _give_up(run)
        elif run.state == TaskRun.State.RUNNING and _is_executing(run):
            continue
        elif not dispatch.send_run(run):
            break  # the broker is unreachable, for the other runs as well
        else:
            sent += 1
            logger.info("Task run sent again", extra={"action": "run_sent", "run": str(run.pk)})
    return sent


def _overdue(now: datetime) -> list[TaskRun]:
    never = Q(sent_at=None, created_at__lt=now - SEND_GRACE)
    lost = Q(state=TaskRun.State.QUEUED, sent_at__lt=now - LOST_AFTER)
    abandoned = Q(state=TaskRun.State.RUNNING, sent_at__lt=now - ABANDONED_AFTER)
    runs = TaskRun.objects.filter(never | lost | abandoned, state__in=ACTIVE).exclude(task="")
    return list(runs.order_by("created_at"))


def _is_executing(run: TaskRun) -> bool:
    with run_lock(run.pk) as is_free:
        return not is_free


def _give_up(run: TaskRun) -> None:
    with translation.override(run.language or settings.LANGUAGE_CODE):
        message = _("This version of the site does not know this kind of task.")
        task_runs.mark_failed(run, message=message)


@transaction.atomic
def expire_results(now: datetime) -> int:
    """Deletes result files older than RESULTS_KEPT and says so on their runs. Returns how many."""
    old = TaskRun.objects.exclude(result_file="").filter(finished_at__lt=now - RESULTS_KEPT)
    runs = list(old.select_for_update(skip_locked=True, of=("self",))[:MAX_RUNS_PER_SWEEP])
    notice = format_lazy(
        gettext_lazy("The file was deleted after {days} days."), days=RESULTS_KEPT.days
    )
    result_files_delete(runs, notice=notice)
    return len(runs)
