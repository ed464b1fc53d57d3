"""The interviews of one batch of changes or one snapshot, read once for all their topics."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from functools import cached_property
from typing import Self

from django.utils import timezone

from interview.live.rows import current_forecast, interview_row
from interview.models import InterviewRecord, read_records, read_records_of
from interview.models.querysets import InterviewQuerySet
from interview.models.states import WAITING
from interview.rules import days
from interview.rules.delays import DelayForecast
from realtime.protocol.server_frames import Row


class Reading:
    """Records by id, in their order, and their rows.

    read_from: the queryset that has found them, if there may be many.
    """

    def __init__(
        self, records: Iterable[InterviewRecord], read_from: InterviewQuerySet | None = None
    ) -> None:
        self.records: dict[int, InterviewRecord] = {record.pk: record for record in records}
        self._read_from = read_from
        self._rows: dict[int, Row] = {}
        self._no_forecast = DelayForecast(timezone.now())

    @classmethod
    def of(cls, interviews: InterviewQuerySet, *, with_briefing: bool = False) -> Self:
        """Takes the queries of `read_records`, and another for the forecast."""
        return cls(read_records(interviews, with_briefing=with_briefing), interviews)

    @classmethod
    def of_ids(cls, ids: Collection[int], *, with_briefing: bool = False) -> Self:
        """Takes at most one query, and another for the forecast."""
        return cls(read_records_of(ids, with_briefing=with_briefing))

    @cached_property
    def forecast(self) -> DelayForecast:
        return current_forecast(self.records.values(), read_from=self._read_from)

    def row(self, record: InterviewRecord) -> Row:
        """The row for everybody who may see the interview. Callers must not change it."""
        row = self._rows.get(record.pk)
        if row is None:
            row = self._rows[record.pk] = interview_row(record, self._forecast_of(record))
        return row

    def _forecast_of(self, record: InterviewRecord) -> DelayForecast:
        """The forecast says nothing about an interview that has begun or does not take place."""
        return self.forecast if record.status in WAITING else self._no_forecast

    def listed(self, ids: Iterable[int], campaign: str, day: date) -> Iterable[InterviewRecord]:
        """Those of these interviews that the campaign's list of this day shows."""
        for pk in ids:
            record = self.records.get(pk)
            if record is not None and record.campaign == campaign and days.is_listed(record, day):
                yield record
