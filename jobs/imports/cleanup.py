"""Erases what imports keep of anonymised candidates: file names, uploads, rejected rows."""

from __future__ import annotations

from collections.abc import Set
from pathlib import PurePath
from typing import Any

from django.db.models import Q
from django.urls import reverse

from jobs.imports.locking import runs_with
from jobs.imports.uploads import drop_rejected, drop_upload
from jobs.models.imports import FilledCandidate, ImportRun, LearnedColumn
from jobs.privacy.anonymisation import candidates_anonymised
from jobs.privacy.mentions import mention_pattern
from realtime.models import TaskRun


def connect() -> None:
    candidates_anonymised.connect(_anonymised, dispatch_uid="jobs.imports_erased")


def _anonymised(sender: Any, ids: list[int], known_as: Set[str], **kwargs: Any) -> None:
    """An import that names the person without having had them in a row only loses its file name."""
    for run in runs_with(ids).order_by("pk"):
        _rename(run)
        run.findings, run.reading = {}, {}  # headings may be the cells of a file without headings
        drop_upload(run)
        drop_rejected(run)
        run.save()
    FilledCandidate.objects.filter(candidate__in=ids).delete()
    _forget_headings(known_as)
    mention = mention_pattern(known_as)
    for run in ImportRun.objects.only("file_name", "created_at").iterator():
        if mention.search(run.file_name):
            _rename(run)
            run.save(update_fields=["file_name"])
    for task in TaskRun.objects.filter(name="import").iterator():  # of a discarded import too
        if mention.search(task.title):
            _set_title(task, f"{task.created_at:%Y-%m-%d}")


def _forget_headings(known_as: Set[str]) -> None:
    """Deletes remembered headings that are a person's cells, from a file without headings.

    A heading is remembered by its letters and digits; the pattern finds a number without its +.
    """
    numbers = {text for text in known_as if text.startswith("+")}
    written = mention_pattern(
        numbers | {"".join(filter(str.isalnum, text)) for text in known_as - numbers}
    )
    learned = LearnedColumn.objects.values_list("pk", "heading")
    LearnedColumn.objects.filter(
        pk__in=[pk for pk, heading in learned if written.search(heading)]
    ).delete()


def _rename(run: ImportRun) -> None:
    """Puts the date in the place of the file name; the caller saves the run."""
    name = f"{run.created_at:%Y-%m-%d}{PurePath(run.file_name).suffix[:10]}"
    _rename_in_titles(run, name)
    run.file_name = name


def _rename_in_titles(run: ImportRun, name: str) -> None:
    """Renames the file in the titles of the tasks that checked or applied it."""
    is_own = Q(arguments=[str(run.pk)]) | Q(result_url=reverse("import", args=[run.pk]))
    for task in TaskRun.objects.filter(is_own, name="import"):
        is_whole = run.file_name in task.title  # a long title is cut
        _set_title(task, task.title.replace(run.file_name, name) if is_whole else name)


def _set_title(task: TaskRun, title: str) -> None:
    task.title, task.version = title, task.version + 1
    task.save(update_fields=["title", "version"])
