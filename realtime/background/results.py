"""Result files of task runs: who may download one, and how one is deleted before its run.

`views.result` serves the files. Apps register a rule for the files that their tasks write.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import translation
from django.utils.functional import Promise

from realtime.models import TaskRun

DownloadRule = Callable[[User, TaskRun], bool]

_rules: dict[str, DownloadRule] = {}


def register_rule(kind: str, rule: DownloadRule) -> None:
    """Adds the rule that is asked at each download of a result of this kind of task."""
    _rules[kind] = rule


def may_download(user: User, run: TaskRun) -> bool:
    """Returns whether the owner of the run may still download its file.

    The file shows what its owner was allowed to see when it was written; a right may have been
    withdrawn since.
    """
    rule = _rules.get(run.name)
    return run.owner_id == user.pk and (rule is None or rule(user, run))


@transaction.atomic
def result_files_delete(runs: Sequence[TaskRun], *, notice: str | Promise) -> None:
    """Deletes the result files of these locked runs after commit, and adds a notice to each run.

    notice: a sentence that says why; shown in the language of the run.
    """
    for run in runs:
        storage, name = run.result_file.storage, str(run.result_file.name)
        transaction.on_commit(partial(storage.delete, name))
        run.result_file, run.result_url = "", ""
        with translation.override(run.language or settings.LANGUAGE_CODE):
            run.message = f"{run.message} {notice}".strip()[:300]
        run.version += 1
    TaskRun.objects.bulk_update(runs, ["result_file", "result_url", "message", "version"])
