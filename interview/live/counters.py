"""Counters above a board: numbers of interviews of one day, by status."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Case, Count, IntegerField, Q, Value, When
from django.utils import timezone

from interview.live.rows import counter_row
from interview.models import Interview
from interview.models.states import WAITING, Status
from interview.rules import days
from interview.rules.flags import late_grace
from jobs.models import Campaign
from realtime.protocol.server_frames import Row

COUNTERS = ("today", "arrived", "in_progress", "late", "feedback_due", "done", "no_show")
COUNTER_OF_STATUS = {
    Status.ARRIVED: "arrived",
    Status.IN_PROGRESS: "in_progress",
    Status.FEEDBACK_DUE: "feedback_due",
    Status.COMPLETED: "done",
    Status.NO_SHOW: "no_show",
}

BoardName = tuple[str, date]
"""Slug of a campaign, and a day."""


def counters_of(status: str) -> set[str]:
    """The counters that may count an interview of this status."""
    found = {COUNTER_OF_STATUS[Status(status)]} if status in COUNTER_OF_STATUS else set()
    if status != Status.CANCELLED:
        found.add("today")
    if status in WAITING:
        found.add("late")
    return found


def counter_rows(boards: Collection[BoardName]) -> dict[BoardName, list[Row]]:
    """The counters of these boards. Takes two queries, or none without boards.

    Boards of campaigns that do not exist are left out.
    """
    shown = _conditions(boards) if boards else {}
    counts = _counts([*shown.values()]) if shown else {}
    return {
        board: [
            counter_row(name, counts.get(place, {}).get(name, 0), board[1].isoformat())
            for name in COUNTERS
        ]
        for place, board in enumerate(shown)
    }


def _conditions(boards: Iterable[BoardName]) -> dict[BoardName, Q]:
    """Board → the condition for its interviews of that day."""
    campaigns = Campaign.objects.filter(slug__in={slug for slug, _ in boards})
    known = {campaign.slug: campaign for campaign in campaigns}
    found = {}
    for slug, day in boards:
        if (campaign := known.get(slug)) is not None:
            start, end = days.bounds(day, campaign.time_zone)
            found[slug, day] = Q(campaign=campaign.pk, starts_at__gte=start, starts_at__lt=end)
    return found


def _counts(conditions: list[Q]) -> dict[int, dict[str, Any]]:
    """Place of a condition → counter → number. Each interview meets one condition at most."""
    cases = [When(where, then=Value(place)) for place, where in enumerate(conditions)]
    found = (
        Interview.objects.filter(reduce(or_, conditions))
        .order_by()
        .annotate(place=Case(*cases, output_field=IntegerField()))
        .values("place")
        .annotate(
            today=Count("pk", filter=~Q(status=Status.CANCELLED)),
            late=Count("pk", filter=_is_late()),
            **{
                name: Count("pk", filter=Q(status=status))
                for status, name in COUNTER_OF_STATUS.items()
            },
        )
    )
    return {counts["place"]: dict(counts) for counts in found}


def _is_late() -> Q:
    return Q(status__in=WAITING, starts_at__lt=timezone.now() - late_grace())
