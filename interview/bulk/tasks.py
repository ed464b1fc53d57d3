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

from interview.bulk.execute import Outcome, bulk_line_apply, bulk_line_take_back
from interview.bulk.notify import Recipients, notify_interviewers, summarise
from interview.models import Interview
from jobs.applications.bulk_stage_change import Moves, applications_move
from realtime.background.tracked_task import Cancelled, Result, Work, watched

T = TypeVar("T")

BATCH_SIZE = 100
MAX_IDS_LENGTH = 150


@watched(name="bulk_schedule", queue="bulk", keeps=True)
def apply_bulk_plan(work: Work, plan_id: int, line_ids: list[int], by_id: int) -> Result:
    """Creates the interviews of these lines. If cancelled, keeps those already created."""
    by = User.objects.filter(pk=by_id).first()
    found = _run_lines(work, line_ids, lambda line_id: bulk_line_apply(line_id=line_id, by=by))
    scheduled = found[Outcome.DONE] + found[Outcome.ALREADY_DONE]
    message = ngettext("%(count)d interview scheduled", "%(count)d interviews scheduled", scheduled)
    return _result(plan_id, message % {"count": scheduled}, found[Outcome.REFUSED])


@watched(name="bulk_take_back", queue="bulk", keeps=True)
def take_bulk_plan_back(
    work: Work, plan_id: int, line_ids: list[int], reason: str, by_id: int
) -> Result:
    """Cancels the interviews of these lines that have not begun."""
    by = User.objects.filter(pk=by_id).first()
    found = _run_lines(
        work,
        line_ids,
        lambda line_id: bulk_line_take_back(line_id=line_id, reason=reason, by=by),
    )
    cancelled = found[Outcome.DONE] + found[Outcome.ALREADY_DONE]
    message = ngettext("%(count)d interview cancelled", "%(count)d interviews cancelled", cancelled)
    return _result(plan_id, message % {"count": cancelled}, found[Outcome.REFUSED])


def _run_lines(
    work: Work, line_ids: Sequence[int], do: Callable[[int], Outcome]
) -> Counter[Outcome]:
    """Executes the lines one by one. Returns the outcomes so far if the task is cancelled."""
    found: Counter[Outcome] = Counter()
    work.expect(len(line_ids))
    with suppress(Cancelled):
        for number, line_id in enumerate(line_ids, 1):
            found[do(line_id)] += 1
            work.step(number)
    return found


def _result(plan_id: int, message: str, refused: int) -> Result:
    if refused:
        message += " · " + ngettext("%(count)d refused", "%(count)d refused", refused) % {
            "count": refused
        }
    return Result(message=message, errors=refused, url=reverse("bulk_plan", args=[plan_id]))


@watched(name="bulk_move", queue="bulk")
def move_applications(
    work: Work, versions: list[list[int]], to: str, reason: str, by_id: int
) -> Result:
    """Moves applications, given as [id, version] pairs, to a stage. If cancelled, moves none."""
    by, moves = User.objects.filter(pk=by_id).first(), Moves()
    work.expect(len(versions))
    for chunk in _chunks(versions):
        moves.add(
            applications_move(
                versions={pair[0]: pair[1] for pair in chunk}, to=to, by=by, reason=reason
            )
        )
        work.step(work.run.done + len(chunk))
    return Result(message=moves.text(), errors=len(moves.not_moved), url=_list_url(moves))


def _list_url(moves: Moves) -> str:
    """Returns the address of the list, filtered to the applications that were not moved.

    Without the filter if their ids would make the address too long for `TaskRun.result_url`.
    """
    ids = ",".join(map(str, moves.not_moved))
    return reverse("applications") + (f"?only={ids}" if 0 < len(ids) <= MAX_IDS_LENGTH else "")


@watched(name="bulk_notify", queue="bulk")
def remind_interviewers(work: Work, interview_ids: list[int]) -> Result:
    """Reminds the interviewers of these interviews. If cancelled, reminds nobody."""
    recipients = Recipients()
    work.expect(len(interview_ids))
    for chunk in _chunks(interview_ids):
        recipients.add(notify_interviewers(Interview.objects.for_rows().filter(pk__in=chunk)))
        work.step(work.run.done + len(chunk))
    return Result(message=summarise(recipients))


def _chunks(rows: list[T]) -> Iterator[list[T]]:
    for first in range(0, len(rows), BATCH_SIZE):
        yield rows[first : first + BATCH_SIZE]
