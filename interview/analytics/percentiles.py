"""Percentiles of durations as Django aggregates, computed by PostgreSQL."""

from __future__ import annotations

from typing import Any

from django.db.models import Aggregate, Count, DurationField, Expression, F, Q

MEDIAN, NINETIETH = 0.5, 0.9


class Percentile(Aggregate):
    """PERCENTILE_CONT over durations, which interpolates linearly.

    share  0 to 1; 0.5 is the median
    """

    function = "PERCENTILE_CONT"
    template = "%(function)s(%(share)s) WITHIN GROUP (ORDER BY %(expressions)s)"

    def __init__(self, expression: Any, *, share: float, **options: Any) -> None:
        super().__init__(expression, share=share, output_field=DurationField(), **options)


def count_and_percentiles(
    duration: str | Expression, *, among: Q | None = None
) -> dict[str, Aggregate]:
    """Returns aggregates "number", "median" and "ninetieth" (90th percentile) of a duration.

    among: counts only rows that match. Null durations are ignored.
    """
    measured = F(duration) if isinstance(duration, str) else duration
    return {
        "number": Count(measured, filter=among),
        "median": Percentile(measured, share=MEDIAN, filter=among),
        "ninetieth": Percentile(measured, share=NINETIETH, filter=among),
    }
