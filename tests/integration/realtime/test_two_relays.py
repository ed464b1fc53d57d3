"""Two relays at once, paused at the critical point: between claiming changes and numbering them."""

from __future__ import annotations

from concurrent.futures import Future

import pytest
from django.db import connection

from realtime.log import changes
from realtime.log.reader import head_of
from realtime.relay import numbering
from realtime.relay.numbering import NumberedChanges, assign_positions
from tests.support.faults.interleaving import (
    STEP_SECONDS,
    TOPIC,
    Connection,
    Watcher,
    Writer,
    key_of,
    several,
)
from tests.support.wait import until

pytestmark = pytest.mark.django_db(transaction=True)

FIRST = "access"
"""A topic whose head is locked before that of TOPIC. Holding it pauses a relay."""


class Relay(Connection):
    def claim(self) -> Future[list[NumberedChanges]]:
        """Begin a run, and wait until it has claimed its changes and waits for a head."""
        waiting = blocked()
        run = self.begin(assign_positions)
        until(lambda: blocked() == waiting + 1)
        return run


def blocked() -> int:
    """The number of relays that wait for the lock of a head."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT count(*) FROM pg_stat_activity
            WHERE datname = current_database() AND wait_event_type = 'Lock'
            """
        )
        return int(cursor.fetchone()[0])


def test_a_relay_skips_changes_that_another_relay_has_claimed() -> None:
    """The second relay is faster and numbers first: positions follow the order in which relays
    commit, not the ids."""
    head_of(FIRST)
    with several(Relay, 1) as [slow], several(Writer, 1) as [holder]:
        watcher = Watcher()
        changes.record([(FIRST, "person:1"), (TOPIC, key_of(0)), (TOPIC, key_of(0, 1))])
        holder.hold_head(FIRST)
        run = slow.claim()
        changes.record([(TOPIC, key_of(1))])
        [quick] = assign_positions()
        watcher.look()
        assert (quick.first, quick.last, quick.keys) == (1, 1, [key_of(1)])
        assert watcher.seen == [key_of(1)]
        holder.commit()
        [_, late] = run.result(STEP_SECONDS)
        watcher.look()
        assert (late.first, late.last) == (2, 3)
        assert sorted(watcher.seen) == sorted([key_of(1), key_of(0), key_of(0, 1)])


def test_a_second_relay_waits_for_the_first_ones_commit_on_the_same_topic() -> None:
    """Interleaving: both have claimed. The first locks the topic's head until it commits, so the
    second continues from there and cannot assign a position twice."""
    with several(Relay, 2) as [first, second], several(Writer, 1) as [holder]:
        changes.record([(TOPIC, key_of(0))])
        head_of(TOPIC)
        holder.hold_head()
        run_of_first = first.claim()
        changes.record([(TOPIC, key_of(1))])
        run_of_second = second.claim()
        holder.commit()
        numbered = run_of_first.result(STEP_SECONDS) + run_of_second.result(STEP_SECONDS)
        assert sorted((part.first, part.last) for part in numbered) == [(1, 1), (2, 2)]
        watcher = Watcher()
        watcher.look()
        assert sorted(watcher.seen) == sorted([key_of(0), key_of(1)])


def test_the_changes_claimed_by_a_relay_that_dies_are_left_to_the_next() -> None:
    """Its statement is rolled back with its connection: nothing is numbered or lost."""
    head_of(TOPIC)
    with several(Relay, 1) as [dying], several(Writer, 1) as [holder]:
        changes.record([(TOPIC, key_of(0))])
        holder.hold_head()
        run = dying.claim()
        assert numbering.assign_positions() == [], "the premise: it is claimed"
        _end_waiting_connection()
        with pytest.raises(Exception, match=r"terminat|closed"):
            run.result(STEP_SECONDS)
        holder.commit()
    [numbered] = assign_positions()
    assert (numbered.first, numbered.keys) == (1, [key_of(0)])


def _end_waiting_connection() -> None:
    """As if the relay's machine were gone: PostgreSQL terminates its connection."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE datname = current_database() AND wait_event_type = 'Lock'
            """
        )
        assert len(cursor.fetchall()) == 1
