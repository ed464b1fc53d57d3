"""When a hub says that changes have stopped arriving, and when it takes that back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from realtime.hub.freshness import PositionWatch, RelayWatch
from realtime.log.relay_activity import (
    MAX_BACKLOG_SECONDS,
    STALLED_SECONDS,
    RelayActivity,
)

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
TICKS = int(STALLED_SECONDS)


def activity(second: int, *, ago: float = 0.0, backlog: float = 0.0) -> RelayActivity:
    return RelayActivity(NOON + timedelta(seconds=second), ago, backlog)


def tick(watch: RelayWatch, times: int = 1) -> None:
    for _ in range(times):
        watch.silence.tick()


def test_an_idle_site_with_a_working_relay_is_never_stalled() -> None:
    watch = RelayWatch()
    for second in range(60):
        watch.observe(activity(second))
        tick(watch)
        assert watch.silence.since is None


def test_a_relay_that_shows_no_activity_is_reported_once_and_its_return_at_once() -> None:
    watch = RelayWatch()
    watch.observe(activity(0))
    tick(watch, TICKS)
    watch.observe(activity(0, ago=TICKS))
    assert watch.silence.since is None
    tick(watch)
    first = watch.silence.since
    assert first is not None
    tick(watch, 60)
    assert watch.silence.since == first, "the time of the last sign, however long ago"
    watch.observe(activity(70))
    assert watch.silence.since is None


def test_polls_that_do_not_return_are_silence_too() -> None:
    watch = RelayWatch()
    watch.observe(activity(0))
    tick(watch, TICKS + 1)
    assert watch.silence.since is not None


def test_a_new_process_knows_from_its_first_poll_how_long_the_relay_has_been_away() -> None:
    watch = RelayWatch()
    watch.observe(activity(0, ago=3600))
    assert watch.silence.since is not None
    assert datetime.now(UTC) - watch.silence.since > timedelta(minutes=59)


def test_a_clock_of_the_database_that_jumps_is_no_silence() -> None:
    watch = RelayWatch()
    watch.observe(activity(0))
    for second, ago in enumerate((3600, 0, 0, -3600, 0)):
        watch.observe(activity(second, ago=ago))
        tick(watch)
        assert watch.silence.since is None


def test_a_backlog_counts_only_if_it_stays() -> None:
    """A long transaction commits old markers, which a healthy relay numbers at once."""
    watch = RelayWatch()
    old = MAX_BACKLOG_SECONDS + 1
    for second in range(60):
        watch.observe(activity(second, backlog=old if second % TICKS else 0))
        tick(watch)
        assert watch.silence.since is None
    for second in range(60, 60 + TICKS):
        watch.observe(activity(second, backlog=old))
        tick(watch)
    assert watch.silence.since is not None


def test_a_relay_of_an_earlier_version_is_not_reported_as_silent() -> None:
    watch = RelayWatch()
    for _ in range(60):
        watch.observe(RelayActivity(None, 0, 0))
        tick(watch)
        assert watch.silence.since is None


def test_without_any_relay_a_site_is_stalled() -> None:
    watch = RelayWatch()
    for _ in range(TICKS + 1):
        watch.observe(None)
        tick(watch)
    assert watch.silence.since is not None


def test_a_topic_that_does_not_reach_a_known_position_is_stalled_until_it_does() -> None:
    watch = PositionWatch()
    watch.tick(reached=7, head=8)
    for head in range(9, 9 + TICKS):
        assert watch.silence.since is None
        watch.tick(reached=7, head=head)
    watch.tick(reached=7, head=20)
    assert watch.silence.since is not None
    watch.tick(reached=8, head=20)
    assert watch.silence.since is None


def test_a_busy_topic_that_is_always_a_little_behind_is_not_stalled() -> None:
    watch = PositionWatch()
    for position in range(0, 600, 10):
        watch.tick(reached=position, head=position + 10)
        assert watch.silence.since is None
