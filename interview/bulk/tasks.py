"""What workers do to many at once. Doing a plan again is harmless: each line knows whether it is
done. Moves and notices are one transaction with the end of their run.
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
from interview.bulk.notify import Telling, remind, summary_of
from interview.models import Interview
from jobs.applications.bulk_stage_change import Moves, applications_move
from realtime.background.tracked_task import Cancelled, Result, Work, watched

T = TypeVar("T")

ROWS_A_STEP = 100
ADDRESS_LENGTH = 150


@watched(name="bulk_schedule", queue="bulk", keeps=True)
def apply_bulk_plan(work: Work, plan_id: int, line_ids: list[int], by_id: int) -> Result:
    """Make the interviews of these lines; stopped, it keeps those it has made."""
    by = User.objects.filter(pk=by_id).first()
    found = _each(work, line_ids, lambda line_id: bulk_line_apply(line_id=line_id, by=by))
    made = found[Outcome.DONE] + found[Outcome.WAS_DONE]
    message = ngettext("%(count)d interview planned", "%(count)d interviews planned", made)
    return _result(plan_id, message % {"count": made}, found[Outcome.REFUSED])


@watched(name="bulk_take_back", queue="bulk", keeps=True)
def take_bulk_plan_back(
    work: Work, plan_id: int, line_ids: list[int], reason: str, by_id: int
) -> Result:
    """Cancel the interviews of these lines that have not begun."""
    by = User.objects.filter(pk=by_id).first()
    found = _each(
        work,
        line_ids,
        lambda line_id: bulk_line_take_back(line_id=line_id, reason=reason, by=by),
    )
    gone = found[Outcome.DONE] + found[Outcome.WAS_DONE]
    message = ngettext("%(count)d interview cancelled", "%(count)d interviews cancelled", gone)
    return _result(plan_id, message % {"count": gone}, found[Outcome.REFUSED])


def _each(work: Work, line_ids: Sequence[int], do: Callable[[int], Outcome]) -> Counter[Outcome]:
    """Line by line, each in a transaction of its own; stopped, it answers how far it came."""
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
    """Bring applications (pairs of id and version) to a stage; stopped, none of them is moved."""
    by, moves = User.objects.filter(pk=by_id).first(), Moves()
    work.expect(len(versions))
    for chunk in _chunks(versions):
        moves.add(
            applications_move(
                versions={pair[0]: pair[1] for pair in chunk}, to=to, by=by, reason=reason
            )
        )
        work.step(work.run.done + len(chunk))
    return Result(message=moves.text(), errors=len(moves.not_moved), url=_list_of(moves))


def _list_of(moves: Moves) -> str:
    """The list of those that were not moved, if it can be told in an address."""
    ids = ",".join(map(str, moves.not_moved))
    return reverse("applications") + (f"?only={ids}" if 0 < len(ids) <= ADDRESS_LENGTH else "")


@watched(name="bulk_notify", queue="bulk")
def remind_interviewers(work: Work, interview_ids: list[int]) -> Result:
    """Tell the interviewers of these interviews; stopped, nobody is told."""
    telling = Telling()
    work.expect(len(interview_ids))
    for chunk in _chunks(interview_ids):
        telling.add(remind(Interview.objects.for_rows().filter(pk__in=chunk)))
        work.step(work.run.done + len(chunk))
    return Result(message=summary_of(telling))


def _chunks(rows: list[T]) -> Iterator[list[T]]:
    for first in range(0, len(rows), ROWS_A_STEP):
        yield rows[first : first + ROWS_A_STEP]
