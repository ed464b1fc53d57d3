"""The only clock that tests replace: Django's `timezone.now`, fixed or moved by hand.

Services, flags, notices and automatic time fields all use `timezone.now`; the database's own clock
runs on.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from unittest import mock

import pytest
from django.utils import timezone


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment

    def shift(self, **by: float) -> datetime:
        """Moves by `minutes=5`, `hours=-1`, as timedelta takes them; returns the new time."""
        self.moment += timedelta(**by)
        return self.moment

    def set(self, moment: datetime) -> datetime:
        self.moment = moment
        return moment


@contextmanager
def frozen(moment: datetime | None = None) -> Iterator[Clock]:
    """Fixes the time at this moment (now by default); yields the clock that moves it."""
    clock = Clock(moment or timezone.now())
    with mock.patch.object(timezone, "now", clock.now):
        yield clock


@pytest.fixture
def clock() -> Iterator[Clock]:
    """A clock fixed at noon in Beijing on a Wednesday, in the middle of a working day."""
    with frozen(datetime(2026, 11, 25, 4, 0, tzinfo=UTC)) as clock:
        yield clock
