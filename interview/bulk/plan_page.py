"""Builds the context of the plan page: the lines with their conflicts, and a grid for each day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from interview.bulk.loading import future_slots, zone_of
from interview.bulk.presenters import PresentedLine, present_lines
from interview.models import BulkLine, BulkPlan, Room
from interview.models.states import is_valid_transition
from interview.models.time_spans import Bookings, TimeSpan
from interview.rules.bookings import enclosing_days, room_bookings
from realtime.background.task_rows import task_key

SOCKET = "/ws/tasks/"


def plan_context(plan: BulkPlan) -> dict[str, Any]:
    """Returns the template context. Takes a constant number of queries."""
    lines = present_lines(plan)
    placed = [one for one in lines if one.line.is_placed]
    return {
        "plan": plan,
        "lines": lines,
        "days": _days(plan, lines),
        "placed": len(placed),
        "without": sum(1 for one in lines if _is_without_slot(one.line)),
        "in_doubt": sum(1 for one in placed if one.obstacles or one.needs_reason),
        "made": sum(1 for one in lines if one.line.interview),
        "cancellable": sum(1 for one in lines if _is_cancellable(one.line)),
        "config": _config(plan),
    }


def _is_without_slot(line: BulkLine) -> bool:
    return not (line.is_placed or line.is_left_out or line.interview_id)


def _is_cancellable(line: BulkLine) -> bool:
    return line.interview is not None and is_valid_transition("cancel", line.interview.status)


@dataclass(frozen=True, slots=True)
class GridRow:
    """One start time in a day's grid, with a cell for each room."""

    starts_at: datetime
    cells: list[dict[str, Any]]


def _days(plan: BulkPlan, lines: Sequence[PresentedLine]) -> list[dict[str, Any]]:
    """Returns a grid for each day of the plan: rooms are columns, start times are rows."""
    included = [one for one in lines if one.line.span and not one.line.is_left_out]
    slots = {span.starts_at: span for span in future_slots(plan)}
    slots |= {span.starts_at: span for one in included if (span := one.line.span)}
    if not slots:
        return []
    ids = {*plan.rooms, *(one.line.room_id for one in included if one.line.room_id)}
    rooms, zone = list(Room.objects.filter(pk__in=ids)), zone_of(plan)
    bookings = room_bookings(
        [room.pk for room in rooms], enclosing_days(slots.values(), zone), zone
    )
    rows_by_day: defaultdict[date, list[GridRow]] = defaultdict(list)
    lines_at = _lines_by_slot(included)
    for starts_at, span in sorted(slots.items()):
        cells = [_cell(lines_at[starts_at, room.pk], room, span, bookings) for room in rooms]
        rows_by_day[bookings.day_of(span)].append(GridRow(starts_at, cells))
    return [
        {"day": day, "rooms": rooms, "rows": rows, "is_empty": _is_empty(rows)}
        for day, rows in rows_by_day.items()
    ]


def _lines_by_slot(lines: Sequence[PresentedLine]) -> defaultdict[Any, list[PresentedLine]]:
    """Groups the lines by (start, room id)."""
    found: defaultdict[Any, list[PresentedLine]] = defaultdict(list)
    for one in lines:
        found[one.line.starts_at, one.line.room_id].append(one)
    return found


def _is_empty(rows: Sequence[GridRow]) -> bool:
    return not any(cell["lines"] for row in rows for cell in row.cells)


def _cell(
    lines: list[PresentedLine], room: Room, span: TimeSpan, bookings: Bookings
) -> dict[str, Any]:
    return {"lines": lines, "is_taken": not lines and not bookings.is_free(room.pk, span)}


def _config(plan: BulkPlan) -> dict[str, Any] | None:
    """Returns what the page's script needs to follow the running task, or None if none runs."""
    if plan.task is None or not plan.is_busy:
        return None
    return {
        "socket": SOCKET,
        "key": task_key(plan.task),
        "cancel": reverse("task-cancel", args=[plan.task.pk]),
        "waiting": _("Waiting for a worker"),
    }
