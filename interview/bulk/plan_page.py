"""What the page of a plan shows: its lines as they stand now, and a grid for each day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from interview.bulk.loading import times_ahead, zone_of
from interview.bulk.presenters import Shown, lines_shown
from interview.models import BulkLine, BulkPlan, Room
from interview.models.states import may_follow
from interview.models.time_spans import Diary, Span
from interview.rules.bookings import around, room_diary
from realtime.background.task_rows import task_key

SOCKET = "/ws/tasks/"


def context_of(plan: BulkPlan) -> dict[str, Any]:
    """In a constant number of queries."""
    shown = lines_shown(plan)
    placed = [one for one in shown if one.line.is_placed]
    return {
        "plan": plan,
        "lines": shown,
        "days": _days(plan, shown),
        "placed": len(placed),
        "without": sum(1 for one in shown if _is_without_place(one.line)),
        "in_doubt": sum(1 for one in placed if one.obstacles or one.needs_reason),
        "made": sum(1 for one in shown if one.line.interview),
        "cancellable": sum(1 for one in shown if _is_cancellable(one.line)),
        "config": _config(plan),
    }


def _is_without_place(line: BulkLine) -> bool:
    return not (line.is_placed or line.is_left_out or line.interview_id)


def _is_cancellable(line: BulkLine) -> bool:
    return line.interview is not None and may_follow("cancel", line.interview.status)


@dataclass(frozen=True, slots=True)
class Row:
    """One time of a day's grid: a cell for each room, holding lines, or what takes the room."""

    starts_at: datetime
    cells: list[dict[str, Any]]


def _days(plan: BulkPlan, shown: Sequence[Shown]) -> list[dict[str, Any]]:
    """Each day of the proposal: rooms across, times down."""
    standing = [one for one in shown if one.line.span and not one.line.is_left_out]
    times = {span.starts_at: span for span in times_ahead(plan)}
    times |= {span.starts_at: span for one in standing if (span := one.line.span)}
    if not times:
        return []
    ids = {*plan.rooms, *(one.line.room_id for one in standing if one.line.room_id)}
    rooms = list(Room.objects.filter(pk__in=ids))
    taken = room_diary(
        [room.pk for room in rooms], around(times.values(), zone_of(plan)), zone_of(plan)
    )
    by_day: defaultdict[Any, list[Row]] = defaultdict(list)
    at: defaultdict[tuple[Any, Any], list[Shown]] = defaultdict(list)
    for one in standing:
        at[one.line.starts_at, one.line.room_id].append(one)
    for moment, span in sorted(times.items()):
        cells = [_cell(at[moment, room.pk], room, span, taken) for room in rooms]
        by_day[taken.day_of(span)].append(Row(moment, cells))
    return [
        {"day": day, "rooms": rooms, "rows": rows, "is_empty": _is_empty(rows)}
        for day, rows in by_day.items()
    ]


def _is_empty(rows: Sequence[Row]) -> bool:
    return not any(cell["lines"] for row in rows for cell in row.cells)


def _cell(shown: list[Shown], room: Room, span: Span, taken: Diary) -> dict[str, Any]:
    return {"lines": shown, "is_taken": not shown and not taken.is_free(room.pk, span)}


def _config(plan: BulkPlan) -> dict[str, Any] | None:
    """What the page's script needs to follow a worker."""
    if plan.task is None or not plan.is_busy:
        return None
    return {
        "socket": SOCKET,
        "key": task_key(plan.task),
        "cancel": reverse("task-cancel", args=[plan.task.pk]),
        "waiting": _("Waiting for a worker"),
    }
