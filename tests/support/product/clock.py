"""The one permitted clock: Django's `timezone.now`, held still or moved by hand.

Services, flags, notices and automatic time fields all ask `timezone.now`; the database's own clock
goes on.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from unittest import mock

import pytest
from django.utils import timezone


class Clock:
    """A clock that stands still until it is told to move."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment

    def shift(self, **by: float) -> datetime:
        """Move by `minutes=5`, `hours=-1`, as timedelta takes them; the new present."""
        self.moment += timedelta(**by)
        return self.moment

    def set(self, moment: datetime) -> datetime:
        self.moment = moment
        return moment


@contextmanager
def frozen(moment: datetime | None = None) -> Iterator[Clock]:
    """Within, it is this moment (the present one by default) until the clock is moved."""
    clock = Clock(moment or timezone.now())
    with mock.patch.object(timezone, "now", clock.now):
        yield clock


@pytest.fixture
def clock() -> Iterator[Clock]:
    """Noon in Beijing on a Wednesday: a whole working day before and after."""
    with frozen(datetime(2026, 11, 25, 4, 0, tzinfo=UTC)) as clock:
        yield clock
