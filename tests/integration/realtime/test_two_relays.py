"""Two relays at once, paused at the critical point: between claiming changes and numbering them."""

from __future__ import annotations

import queue
import threading
from concurrent.futures import Future
from typing import Any

import pytest
from django.db import connection

from realtime.log import changes
from realtime.log.reader import head_of
from realtime.models import Change
from realtime.relay import numbering
from tests.support.faults.interleaving import (
    STEP_SECONDS,
    TOPIC,
    Connection,
    Watcher,
    Writer,
    key_of,
    several,
)

pytestmark = pytest.mark.django_db(transaction=True)


class Relay(Connection):
    """A relay that can be paused between claiming changes and assigning their positions."""

    def __init__(self) -> None:
        super().__init__()
        self._claimed: queue.Queue[list[str]] = queue.Queue()
        self._may_go_on = threading.Event()

    def claim(self) -> Future[list[numbering.NumberedChanges]]:
        """Begin a run, and wait until it has claimed its changes, which it keeps locked."""
        self._may_go_on.clear()
        run = self.begin(self._run)
        self._claimed.get(timeout=STEP_SECONDS)
        return run

    def go_on(self) -> None:
        self._may_go_on.set()

    def _run(self) -> list[numbering.NumberedChanges]:
        def stop_before_the_heads(execute: Any, sql: str, *rest: Any) -> Any:
            if sql.startswith('INSERT INTO "realtime_topichead"'):
                self._claimed.put([])
                assert self._may_go_on.wait(STEP_SECONDS)
            return execute(sql, *rest)

        with connection.execute_wrapper(stop_before_the_heads):
            return numbering.assign_positions()


def test_a_relay_skips_changes_that_another_relay_has_claimed() -> None:
    """The second relay is faster and numbers first: positions follow the order in which relays
    commit, not the ids."""
    with several(Relay, 1) as [slow]:
        watcher = Watcher()
        changes.record([(TOPIC, key_of(0)), (TOPIC, key_of(0, 1))])
        run = slow.claim()
        changes.record([(TOPIC, key_of(1))])
        [quick] = numbering.assign_positions()
        watcher.look()
        assert (quick.first, quick.last, quick.keys) == (1, 1, [key_of(1)])
        assert watcher.seen == [key_of(1)]
        slow.go_on()
        [late] = run.result(STEP_SECONDS)
        watcher.look()
        assert (late.first, late.last) == (2, 3)
        assert sorted(watcher.seen) == sorted([key_of(1), key_of(0), key_of(0, 1)])


def test_a_second_relay_waits_for_the_first_ones_commit_on_the_same_topic() -> None:
    """Interleaving: both have claimed. The first locks the topic's head until it commits, so the
    second continues from there and cannot assign a position twice."""
    with several(Relay, 2) as [first, second], several(Writer, 1) as [holder]:
        changes.record([(TOPIC, key_of(0))])
        head_of(TOPIC)
        run_of_first = first.claim()
        changes.record([(TOPIC, key_of(1))])
        run_of_second = second.claim()
        holder.hold_head()
        first.go_on()
        second.go_on()
        assert Change.objects.exclude(position=None).count() == 0, "the premise: both wait"
        holder.commit()
        numbered = run_of_first.result(STEP_SECONDS) + run_of_second.result(STEP_SECONDS)
        assert sorted((part.first, part.last) for part in numbered) == [(1, 1), (2, 2)]
        watcher = Watcher()
        watcher.look()
        assert sorted(watcher.seen) == sorted([key_of(0), key_of(1)])


def test_the_changes_claimed_by_a_relay_that_dies_are_left_to_the_next() -> None:
    """Its transaction is rolled back with its connection: nothing is numbered or lost."""
    with several(Relay, 1) as [dying]:
        changes.record([(TOPIC, key_of(0))])
        run = dying.claim()
        assert numbering.assign_positions() == [], "the premise: it is claimed"
        _end_other_connections()
        dying.go_on()
        with pytest.raises(Exception, match=r"terminat|closed"):
            run.result(STEP_SECONDS)
    [numbered] = numbering.assign_positions()
    assert (numbered.first, numbered.keys) == (1, [key_of(0)])


def _end_other_connections() -> None:
    """As if the relay's machine were gone: PostgreSQL terminates its connection."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid()
              AND state = 'idle in transaction'
            """
        )
        assert len(cursor.fetchall()) == 1
