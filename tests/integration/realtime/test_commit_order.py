"""Commit order, with every interleaving forced: what is recorded early and committed late is
numbered late, what is rolled back never, and nobody who follows the tops misses or repeats a
position.

Each writer and each relay is a thread with a connection of its own, which takes one step when told
and says when it has been taken; so an interleaving is a list of steps.
"""

from __future__ import annotations

import itertools
import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
from django.db import connection, connections, transaction

from realtime import changes, relay
from realtime.feed import changes_after, head_of
from realtime.models import Change, TopicHead

pytestmark = pytest.mark.django_db(transaction=True)

TOPIC = "tasks"
STEP_SECONDS = 60.0  # only a deadlock takes that long


class Connection:
    """A thread with a database connection, which takes one step at a time."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1)
        self._transaction: Any = None

    def do(self, step: Callable[..., Any], *given: Any) -> Any:
        """Take a step, and wait until it has been taken."""
        return self.begin(step, *given).result(STEP_SECONDS)

    def begin(self, step: Callable[..., Any], *given: Any) -> Future[Any]:
        """Take a step that will have to wait for somebody else."""
        return self._thread.submit(step, *given)

    def close(self) -> None:
        self.do(connections.close_all)
        self._thread.shutdown()


class Writer(Connection):
    """Records markers in one transaction, which ends as it is told."""

    def insert(self, *keys: str) -> None:
        self.do(self._insert, keys)

    def _insert(self, keys: Iterable[str]) -> None:
        if self._transaction is None:
            self._transaction = transaction.atomic()
            self._transaction.__enter__()
        changes.record((TOPIC, key) for key in keys)

    def insert_in_vain(self, *keys: str) -> None:
        """Record, and go back to the savepoint before."""
        self.do(self._insert_in_vain, keys)

    def _insert_in_vain(self, keys: Iterable[str]) -> None:
        self._insert([])
        savepoint = transaction.savepoint()
        changes.record((TOPIC, key) for key in keys)
        transaction.savepoint_rollback(savepoint)

    def commit(self) -> None:
        self.do(self._end, True)

    def roll_back(self) -> None:
        self.do(self._end, False)

    def _end(self, keeps: bool) -> None:
        if not keeps:
            transaction.set_rollback(True)
        self._transaction.__exit__(None, None, None)
        self._transaction = None


class Watcher:
    """Follows the tops, as a hub does that never gets a hint."""

    def __init__(self) -> None:
        self.position = 0
        self.seen: list[str] = []

    def look(self) -> None:
        batch = changes_after(TOPIC, self.position)
        if batch is None:
            assert head_of(TOPIC).position == self.position, "a top that no change explains"
            return
        assert batch.first == self.position + 1, "a hole"
        assert len(batch.changes) == batch.last - batch.first + 1, "a position without a change"
        self.seen += batch.changes
        self.position = batch.last


@pytest.fixture
def writers() -> Iterator[list[Writer]]:
    with several(Writer, 3) as writers:
        yield writers


@contextmanager
def several(kind: type[Any], number: int) -> Iterator[list[Any]]:
    with ExitStack() as until:
        made = [kind() for _ in range(number)]
        for one in made:
            until.callback(one.close)
        yield made


def begin_anew() -> None:
    Change.objects.all().delete()
    TopicHead.objects.all().delete()


def key_of(writer: int, number: int = 0) -> str:
    return f"task:00000000-0000-0000-000{number}-{writer:012}"


Step = tuple[str, int]  # what, and which writer


def interleavings(*scripts: list[Step]) -> Iterator[list[Step]]:
    """All orders of these steps that keep each script's own order."""
    owners = [number for number, script in enumerate(scripts) for _ in script]
    for order in sorted(set(itertools.permutations(owners))):
        steps = [iter(script) for script in scripts]
        yield [next(steps[number]) for number in order]


def with_relay_runs(steps: list[Step]) -> Iterator[list[Step]]:
    """The relay runs, or does not, in each of the gaps."""
    for runs in itertools.product((False, True), repeat=len(steps) - 1):
        gaps = zip(steps, (*runs, False), strict=True)
        yield [one for step, run in gaps for one in ([step, ("relay", 0)] if run else [step])]


def play(steps: list[Step], writers: list[Writer]) -> None:
    """Take the steps; after each run of the relay a watcher knows all that had been committed."""
    begin_anew()
    watcher, held, committed = Watcher(), dict.fromkeys(range(len(writers)), ()), set[str]()
    for what, number in steps:
        match what:
            case "insert":
                held[number] = (key_of(number), key_of(number, 1))
                writers[number].insert(*held[number])
            case "insert in vain":
                writers[number].insert_in_vain(key_of(number, 2))
            case "commit":
                writers[number].commit()
                committed |= set(held[number])
            case "roll back":
                writers[number].roll_back()
            case "relay":
                relay.publish_pending()
                watcher.look()
                assert set(watcher.seen) == committed, "each committed key, and nothing else"
    relay.publish_pending()
    watcher.look()
    assert sorted(watcher.seen) == sorted(committed), "each once"
    positions = Change.objects.order_by("position").values_list("position", flat=True)
    assert list(positions) == list(range(1, len(committed) + 1))


def scripts_ending(*endings: str) -> list[list[Step]]:
    return [[("insert", writer), (end, writer)] for writer, end in enumerate(endings)]


@pytest.mark.parametrize("endings", list(itertools.product(["commit", "roll back"], repeat=2)))
def test_two_transactions_in_every_order_with_the_relay_in_every_gap(
    endings: tuple[str, str], writers: list[Writer]
) -> None:
    played = 0
    for steps in interleavings(*scripts_ending(*endings)):
        for with_runs in with_relay_runs(steps):
            play(with_runs, writers)
            played += 1
    assert played == 6 * 8


def test_three_transactions_in_every_order_of_their_ends(writers: list[Writer]) -> None:
    """All have recorded before any ends, so that the order of ids says nothing of the ends; the
    relay runs after each of them."""
    inserts: list[Step] = [("insert", 0), ("insert", 1), ("insert", 2)]
    for endings in itertools.product(["commit", "roll back"], repeat=3):
        for order in itertools.permutations(enumerate(endings)):
            ends = [step for writer, end in order for step in ((end, writer), ("relay", 0))]
            play([*inserts, ("relay", 0), *ends], writers)


def test_what_a_savepoint_takes_back_has_not_happened(writers: list[Writer]) -> None:
    """Also when the transaction around it commits, before or after another one."""
    scripts = scripts_ending("commit", "commit")
    scripts[0].insert(1, ("insert in vain", 0))
    for steps in interleavings(*scripts):
        play([one for step in steps for one in (step, ("relay", 0))], writers)


def test_a_key_of_two_transactions_is_seen_again_after_each_commit(writers: list[Writer]) -> None:
    """The second change is of the same card: folding may never swallow the later commit."""
    for first, second in ((0, 1), (1, 0)):
        begin_anew()
        watcher = Watcher()
        for writer in writers[:2]:
            writer.insert("task:00000000-0000-0000-0000-000000000000")
        for done, number in enumerate((first, second), start=1):
            writers[number].commit()
            relay.publish_pending()
            watcher.look()
            assert (watcher.position, len(watcher.seen)) == (done, done)


# Two relays


class Relay(Connection):
    """A relay that can be stopped between claiming its markers and giving them positions."""

    def __init__(self) -> None:
        super().__init__()
        self._claimed: queue.Queue[list[str]] = queue.Queue()
        self._may_go_on = threading.Event()

    def claim(self) -> Future[list[relay.Numbered]]:
        """Begin a run, and wait until it has claimed its markers; it holds them from here."""
        self._may_go_on.clear()
        run = self.begin(self._run)
        self._claimed.get(timeout=STEP_SECONDS)
        return run

    def go_on(self) -> None:
        self._may_go_on.set()

    def _run(self) -> list[relay.Numbered]:
        def stop_before_the_heads(execute: Any, sql: str, *rest: Any) -> Any:
            if sql.startswith('INSERT INTO "realtime_topichead"'):
                self._claimed.put([])
                assert self._may_go_on.wait(STEP_SECONDS)
            return execute(sql, *rest)

        with connection.execute_wrapper(stop_before_the_heads):
            return relay.give_positions()


def test_a_relay_passes_over_what_another_has_claimed_and_not_committed() -> None:
    """The second is quicker and numbers first: positions are given in the order in which relays
    commit, whatever the ids say."""
    with several(Relay, 1) as [slow]:
        watcher = Watcher()
        changes.record([(TOPIC, key_of(0)), (TOPIC, key_of(0, 1))])
        run = slow.claim()
        changes.record([(TOPIC, key_of(1))])
        [quick] = relay.give_positions()
        watcher.look()
        assert (quick.first, quick.last, quick.keys) == (1, 1, [key_of(1)])
        assert watcher.seen == [key_of(1)]
        slow.go_on()
        [late] = run.result(STEP_SECONDS)
        watcher.look()
        assert (late.first, late.last) == (2, 3)
        assert sorted(watcher.seen) == sorted([key_of(1), key_of(0), key_of(0, 1)])


def test_of_two_relays_at_one_topic_the_second_waits_for_the_firsts_commit() -> None:
    """Interleaving: both have claimed; the first holds the topic's head until it commits, so the
    second counts on from there and cannot give a position twice."""
    with several(Relay, 2) as [first, second], several(Writer, 1) as [holder]:
        changes.record([(TOPIC, key_of(0))])
        head_of(TOPIC)
        run_of_first = first.claim()
        changes.record([(TOPIC, key_of(1))])
        run_of_second = second.claim()
        holder.do(_hold_head, holder)
        first.go_on()
        second.go_on()
        assert Change.objects.exclude(position=None).count() == 0, "the premise: both wait"
        holder.commit()
        numbered = run_of_first.result(STEP_SECONDS) + run_of_second.result(STEP_SECONDS)
        assert sorted((part.first, part.last) for part in numbered) == [(1, 1), (2, 2)]
        watcher = Watcher()
        watcher.look()
        assert sorted(watcher.seen) == sorted([key_of(0), key_of(1)])


def _hold_head(writer: Writer) -> None:
    writer._insert([])
    TopicHead.objects.select_for_update().get(topic=TOPIC)


def test_a_relay_that_dies_with_its_claim_leaves_it_to_the_next() -> None:
    """Its transaction ends with its connection: nothing is numbered, nothing is lost."""
    with several(Relay, 1) as [dying]:
        changes.record([(TOPIC, key_of(0))])
        run = dying.claim()
        assert relay.give_positions() == [], "the premise: it is claimed"
        _end_other_connections()
        dying.go_on()
        with pytest.raises(Exception, match=r"terminat|closed"):
            run.result(STEP_SECONDS)
    [numbered] = relay.give_positions()
    assert (numbered.first, numbered.keys) == (1, [key_of(0)])


def _end_other_connections() -> None:
    """As when the relay's machine is gone: PostgreSQL ends what it held."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid()
              AND state = 'idle in transaction'
            """
        )
        assert len(cursor.fetchall()) == 1
