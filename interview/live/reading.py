"""The interviews of one batch of changes or one snapshot, read once for all their topics."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import cached_property

from interview.live.rows import current_forecast, interview_row
from interview.models import InterviewRecord, read_records
from interview.models.querysets import InterviewQuerySet
from interview.rules import days
from interview.rules.delays import DelayForecast
from realtime.protocol.server_frames import Row


class Reading:
    """The records of these interviews by id, in their order, and their rows. Takes two queries."""

    def __init__(self, interviews: InterviewQuerySet, *, with_briefing: bool = False) -> None:
        self._interviews = interviews
        records = read_records(interviews, with_briefing=with_briefing)
        self.records: dict[int, InterviewRecord] = {record.pk: record for record in records}
        self._rows: dict[int, Row] = {}

    @cached_property
    def forecast(self) -> DelayForecast:
        return current_forecast(self.records.values(), read_from=self._interviews)

    def row(self, record: InterviewRecord) -> Row:
        """The row for everybody who may see the interview. Callers must not change it."""
        row = self._rows.get(record.pk)
        if row is None:
            row = self._rows[record.pk] = interview_row(record, self.forecast)
        return row

    def listed(self, ids: Iterable[int], campaign: str, day: date) -> Iterable[InterviewRecord]:
        """Those of these interviews that the campaign's list of this day shows."""
        for pk in ids:
            record = self.records.get(pk)
            if record is not None and record.campaign == campaign and days.is_listed(record, day):
                yield record
