"""Booked times can be released, and places matter only to people who walk."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from interview.models.time_spans import Bookings, TimeSpan

NOON = datetime(2031, 3, 4, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
WALK = timedelta(minutes=5)
SPAN = TimeSpan(NOON, NOON + HOUR)
EMPTY = TimeSpan(NOON, NOON)


def test_an_empty_span_counts_as_load_and_can_be_released():
    """An interview that finished before its planned start occupies no time."""
    bookings = Bookings(UTC)
    bookings.book(1, EMPTY)
    assert bookings.is_free(1, SPAN)
    assert bookings.load(1, NOON.date()) == 1
    bookings.release(1, EMPTY)
    assert bookings.load(1, NOON.date()) == 0


@pytest.mark.parametrize("span", [SPAN, EMPTY])
def test_a_span_that_is_not_booked_cannot_be_released(span: TimeSpan):
    with pytest.raises(ValueError, match="not booked"):
        Bookings(UTC).release(1, span)


def test_only_another_room_that_is_not_a_call_is_out_of_reach():
    bookings = Bookings(UTC, [(1, SPAN, 7)])
    soon = TimeSpan(SPAN.ends_at + WALK / 2, SPAN.ends_at + HOUR)
    reach = {
        place: not bookings.is_out_of_reach(1, soon, place, walk=WALK) for place in (7, 8, None)
    }
    assert reach == {7: True, 8: False, None: True}
    in_time = TimeSpan(SPAN.ends_at + WALK, SPAN.ends_at + HOUR)
    assert not bookings.is_out_of_reach(1, in_time, 8, walk=WALK)
