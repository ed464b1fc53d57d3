"""The Celery tasks of bulk actions.

The tasks of a plan commit line by line and can be run again. Stage changes and reminders commit
together with the end of their run: if the task is cancelled, nothing has happened.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import TypeVar

from django.contrib.auth.models import User
from django.urls import reverse
from django.utils.translation import ngettext

from interview import task_names
from interview.bulk.execute import Outcome, bulk_line_apply, bulk_line_take_back
from interview.bulk.notify import Recipients, notify_interviewers, summarise
from interview.models import Interview
from jobs.applications.bulk_stage_change import StageChangeResult, applications_move
from realtime.background.tracked_tasks import TaskCancelled, TaskContext, TaskResult, tracked_task

T = TypeVar("T")

BATCH_SIZE = 100
MAX_IDS_LENGTH = 150


@tracked_task(
    task_names.APPLY_BULK_PLAN, kind="bulk_schedule", queue="bulk", keeps_partial_work=True
)
def apply_bulk_plan(
    context: TaskContext, plan_id: int, line_ids: list[int], by_id: int
) -> TaskResult:
    """Creates the interviews of these lines. If cancelled, keeps those already created."""
    by = User.objects.filter(pk=by_id).first()
    found = _run_lines(context, line_ids, lambda line_id: bulk_line_apply(line_id=line_id, by=by))
    scheduled = found[Outcome.DONE] + found[Outcome.ALREADY_DONE]
    message = ngettext("%(count)d interview scheduled", "%(count)d interviews scheduled", scheduled)
    return _result(plan_id, message % {"count": scheduled}, found[Outcome.REFUSED])


@tracked_task(
    task_names.TAKE_BULK_PLAN_BACK, kind="bulk_take_back", queue="bulk", keeps_partial_work=True
)
def take_bulk_plan_back(
    context: TaskContext, plan_id: int, line_ids: list[int], reason: str, by_id: int
) -> TaskResult:
    """Cancels the interviews of these lines that have not begun."""
    by = User.objects.filter(pk=by_id).first()
    found = _run_lines(
        context,
        line_ids,
        lambda line_id: bulk_line_take_back(line_id=line_id, reason=reason, by=by),
    )
    cancelled = found[Outcome.DONE] + found[Outcome.ALREADY_DONE]
    message = ngettext("%(count)d interview cancelled", "%(count)d interviews cancelled", cancelled)
    return _result(plan_id, message % {"count": cancelled}, found[Outcome.REFUSED])


def _run_lines(
    context: TaskContext, line_ids: Sequence[int], do: Callable[[int], Outcome]
) -> Counter[Outcome]:
    """Executes the lines one by one. Returns the outcomes so far if the task is cancelled."""
    found: Counter[Outcome] = Counter()
    context.set_total(len(line_ids))
    with suppress(TaskCancelled):
        for number, line_id in enumerate(line_ids, 1):
            found[do(line_id)] += 1
            context.report_progress(number)
    return found


def _result(plan_id: int, message: str, refused: int) -> TaskResult:
    if refused:
        message += " · " + ngettext("%(count)d refused", "%(count)d refused", refused) % {
            "count": refused
        }
    return TaskResult(message=message, errors=refused, url=reverse("bulk_plan", args=[plan_id]))


@tracked_task(task_names.MOVE_APPLICATIONS, kind="bulk_move", queue="bulk")
def move_applications(
    context: TaskContext, versions: list[list[int]], to: str, reason: str, by_id: int
) -> TaskResult:
    """Moves applications, given as [id, version] pairs, to a stage. If cancelled, moves none."""
    by, moves = User.objects.filter(pk=by_id).first(), StageChangeResult()
    context.set_total(len(versions))
    for chunk in _chunks(versions):
        moves.add(
            applications_move(
                versions={pair[0]: pair[1] for pair in chunk}, to=to, by=by, reason=reason
            )
        )
        context.report_progress(context.run.done + len(chunk))
    return TaskResult(message=moves.text(), errors=len(moves.not_moved), url=_list_url(moves))


def _list_url(moves: StageChangeResult) -> str:
    """Returns the address of the list, filtered to the applications that were not moved.

    Without the filter if their ids would make the address too long for `TaskRun.result_url`.
    """
    ids = ",".join(map(str, moves.not_moved))
    return reverse("applications") + (f"?only={ids}" if 0 < len(ids) <= MAX_IDS_LENGTH else "")


@tracked_task(task_names.REMIND_INTERVIEWERS, kind="bulk_notify", queue="bulk")
def remind_interviewers(context: TaskContext, interview_ids: list[int]) -> TaskResult:
    """Reminds the interviewers of these interviews. If cancelled, reminds nobody."""
    recipients = Recipients()
    context.set_total(len(interview_ids))
    for chunk in _chunks(interview_ids):
        recipients.add(notify_interviewers(Interview.objects.for_rows().filter(pk__in=chunk)))
        context.report_progress(context.run.done + len(chunk))
    return TaskResult(message=summarise(recipients))


def _chunks(rows: list[T]) -> Iterator[list[T]]:
    for first in range(0, len(rows), BATCH_SIZE):
        yield rows[first : first + BATCH_SIZE]
