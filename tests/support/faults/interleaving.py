"""Forces interleavings of transactions: threads with their own database connections, which take one
step when told and report when it is done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from typing import Any

from django.db import connection, connections, transaction

from realtime.log import changes
from realtime.log.reader import changes_after, head_of
from realtime.models import TopicHead
from tests.support.wait import until

TOPIC = "tasks"
STEP_SECONDS = 60.0  # only a deadlock takes that long


class Connection:
    """A thread with its own database connection, which takes one step at a time."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1)
        self._transaction: Any = None

    def do(self, step: Callable[..., Any], *given: Any) -> Any:
        """Takes a step and waits until it is done; returns its result."""
        return self.begin(step, *given).result(STEP_SECONDS)

    def begin(self, step: Callable[..., Any], *given: Any) -> Future[Any]:
        """Starts a step that has to wait for another connection."""
        return self._thread.submit(step, *given)

    def close(self) -> None:
        self.do(connections.close_all)
        self._thread.shutdown()


class Writer(Connection):
    """Records changes in one transaction, which the test commits or rolls back."""

    def insert(self, *keys: str) -> None:
        self.do(self._insert, keys)

    def _insert(self, keys: Iterable[str]) -> None:
        if self._transaction is None:
            self._transaction = transaction.atomic()
            self._transaction.__enter__()
        changes.record((TOPIC, key) for key in keys)

    def insert_and_roll_back(self, *keys: str) -> None:
        """Records changes and rolls back to the savepoint before them."""
        self.do(self._insert_and_roll_back, keys)

    def _insert_and_roll_back(self, keys: Iterable[str]) -> None:
        self._insert([])
        savepoint = transaction.savepoint()
        changes.record((TOPIC, key) for key in keys)
        transaction.savepoint_rollback(savepoint)

    def commit(self) -> None:
        self.do(self._end, True)

    def hold_head(self, topic: str = TOPIC) -> None:
        """Locks the topic's head, as a relay does while it assigns positions."""
        self.do(self._hold_head, topic)

    def _hold_head(self, topic: str) -> None:
        self._insert([])
        TopicHead.objects.select_for_update().get(topic=topic)

    def roll_back(self) -> None:
        self.do(self._end, False)

    def _end(self, keeps: bool) -> None:
        if not keeps:
            transaction.set_rollback(True)
        self._transaction.__exit__(None, None, None)
        self._transaction = None


class Watcher:
    """Follows a topic like a hub that never receives a hint and only polls."""

    def __init__(self) -> None:
        self.position = 0
        self.seen: list[str] = []

    def look(self) -> None:
        batch = changes_after(TOPIC, self.position)
        if batch is None:
            assert head_of(TOPIC).position == self.position, "the head moved without a change"
            return
        assert batch.first == self.position + 1, "a position is missing"
        assert len(batch.changes) == batch.last - batch.first + 1, "a position without a change"
        self.seen += batch.changes
        self.position = batch.last


@contextmanager
def several(kind: type[Any], number: int) -> Iterator[list[Any]]:
    with ExitStack() as until:
        made = [kind() for _ in range(number)]
        for one in made:
            until.callback(one.close)
        yield made


def key_of(writer: int, number: int = 0) -> str:
    return f"task:00000000-0000-0000-000{number}-{writer:012}"


def at_once(first: Callable[[], Any], second: Callable[[], Any]) -> tuple[Any, Any]:
    """Runs both in transactions of their own: the second waits for a lock that the first holds.

    Fails if it does not wait. Returns both results.
    """
    with several(Connection, 1) as (other,):
        with transaction.atomic():
            done = first()
            waiting = other.begin(second)
            until(lambda: waiting.done() or a_lock_is_awaited())
            assert not waiting.done(), "the second does not wait for the first"
        return done, waiting.result(STEP_SECONDS)


def a_lock_is_awaited() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")
        return bool(cursor.fetchone()[0])
