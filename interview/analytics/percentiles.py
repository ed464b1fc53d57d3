"""Percentiles of durations, computed by PostgreSQL."""

from __future__ import annotations

from typing import Any

from django.db.models import Aggregate, Count, DurationField, Expression, F, Q

MEDIAN, NINETIETH = 0.5, 0.9


class Percentile(Aggregate):
    """The duration that this share of all durations does not exceed, between two by proportion.

    share  from 0 to 1
    """

    function = "PERCENTILE_CONT"
    template = "%(function)s(%(share)s) WITHIN GROUP (ORDER BY %(expressions)s)"

    def __init__(self, expression: Any, *, share: float, **options: Any) -> None:
        super().__init__(expression, share=share, output_field=DurationField(), **options)


def spread(duration: str | Expression, *, among: Q | None = None) -> dict[str, Aggregate]:
    """How many durations there are, their median and their 90th percentile; of null ones none."""
    measured = F(duration) if isinstance(duration, str) else duration
    return {
        "number": Count(measured, filter=among),
        "median": Percentile(measured, share=MEDIAN, filter=among),
        "ninetieth": Percentile(measured, share=NINETIETH, filter=among),
    }
