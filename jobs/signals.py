"""Signal receivers that connect this app to the live core.

A changed campaign membership revokes live access. An import is marked failed when its task is
cancelled or given up.
"""

from __future__ import annotations

from typing import Any

from django.db.models.signals import post_delete, post_save

from jobs.imports import runs
from jobs.models import CampaignMember
from jobs.models.imports import ImportRun
from jobs.privacy.anonymisation import candidates_anonymised
from realtime.background.task_runs import task_run_ended
from realtime.http.idempotency import clear_stored_responses
from realtime.hub import revocation
from realtime.models import TaskRun


def connect() -> None:
    for signal in (post_save, post_delete):
        signal.connect(_membership_changed, sender=CampaignMember, dispatch_uid="jobs.membership")
    candidates_anonymised.connect(_anonymised, dispatch_uid="jobs.answers_forgotten")
    task_run_ended.connect(_work_ended, dispatch_uid="jobs.imports")


def _membership_changed(sender: Any, instance: CampaignMember, **kwargs: Any) -> None:
    revocation.record_access_changes([instance.user_id])


def _anonymised(sender: Any, **kwargs: Any) -> None:
    clear_stored_responses()


def _work_ended(sender: Any, run: TaskRun, **kwargs: Any) -> None:
    """Covers tasks cancelled before they start, and tasks given up after their worker died."""
    if run.name == "import" and run.state != TaskRun.State.SUCCEEDED:
        for imported in ImportRun.objects.filter(task=run):
            runs.import_run_fail(run=imported, message=run.message)
