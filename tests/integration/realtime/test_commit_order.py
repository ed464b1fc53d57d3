"""Positions follow commit order, in every interleaving of transactions.

A change that is recorded early and committed late gets a late position, and a change that is rolled
back gets none. A client that follows the positions neither misses nor repeats one.

Each writer and each relay is a thread with its own connection. It takes one step at a time, and
reports when the step is done, so that an interleaving is a list of steps.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from realtime.models import Change, TopicHead
from realtime.relay import numbering
from tests.support.faults.interleaving import Watcher, Writer, key_of, several

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def writers() -> Iterator[list[Writer]]:
    with several(Writer, 3) as writers:
        yield writers


def reset_log() -> None:
    Change.objects.all().delete()
    TopicHead.objects.all().delete()


Step = tuple[str, int]  # the name of the step, and the number of the writer


def interleavings(*scripts: list[Step]) -> Iterator[list[Step]]:
    """All orders of these steps in which each script keeps its own order."""
    owners = [number for number, script in enumerate(scripts) for _ in script]
    for order in sorted(set(itertools.permutations(owners))):
        steps = [iter(script) for script in scripts]
        yield [next(steps[number]) for number in order]


def with_relay_runs(steps: list[Step]) -> Iterator[list[Step]]:
    """These steps, with and without a run of the relay after each of them."""
    for runs in itertools.product((False, True), repeat=len(steps) - 1):
        gaps = zip(steps, (*runs, False), strict=True)
        yield [one for step, run in gaps for one in ([step, ("relay", 0)] if run else [step])]


def play(steps: list[Step], writers: list[Writer]) -> None:
    """Take the steps. After each run of the relay the watcher must have seen all committed keys."""
    reset_log()
    watcher, uncommitted, committed = Watcher(), dict.fromkeys(range(len(writers)), ()), set[str]()
    for name, number in steps:
        match name:
            case "insert":
                uncommitted[number] = (key_of(number), key_of(number, 1))
                writers[number].insert(*uncommitted[number])
            case "insert and roll back":
                writers[number].insert_and_roll_back(key_of(number, 2))
            case "commit":
                writers[number].commit()
                committed |= set(uncommitted[number])
            case "roll back":
                writers[number].roll_back()
            case "relay":
                numbering.publish_pending()
                watcher.look()
                assert set(watcher.seen) == committed, "each committed key, and nothing else"
    numbering.publish_pending()
    watcher.look()
    assert sorted(watcher.seen) == sorted(committed), "each key once"
    positions = Change.objects.order_by("position").values_list("position", flat=True)
    assert list(positions) == list(range(1, len(committed) + 1))


def scripts_ending(*endings: str) -> list[list[Step]]:
    return [[("insert", writer), (end, writer)] for writer, end in enumerate(endings)]


@pytest.mark.parametrize("endings", list(itertools.product(["commit", "roll back"], repeat=2)))
def test_two_transactions_in_every_order_with_the_relay_in_every_gap(
    endings: tuple[str, str], writers: list[Writer]
) -> None:
    count = 0
    for steps in interleavings(*scripts_ending(*endings)):
        for with_runs in with_relay_runs(steps):
            play(with_runs, writers)
            count += 1
    assert count == 6 * 8


def test_three_transactions_in_every_order_of_their_ends(writers: list[Writer]) -> None:
    """All record before any ends, so that the order of ids does not tell the order of commits; the
    relay runs after each end."""
    inserts: list[Step] = [("insert", 0), ("insert", 1), ("insert", 2)]
    for endings in itertools.product(["commit", "roll back"], repeat=3):
        for order in itertools.permutations(enumerate(endings)):
            ends = [step for writer, end in order for step in ((end, writer), ("relay", 0))]
            play([*inserts, ("relay", 0), *ends], writers)


def test_a_change_rolled_back_to_a_savepoint_is_never_published(writers: list[Writer]) -> None:
    """Even if the transaction around it commits, before or after another one."""
    scripts = scripts_ending("commit", "commit")
    scripts[0].insert(1, ("insert and roll back", 0))
    for steps in interleavings(*scripts):
        play([one for step in steps for one in (step, ("relay", 0))], writers)


def test_a_key_of_two_transactions_is_seen_again_after_each_commit(writers: list[Writer]) -> None:
    """Both change the same card: folding must not drop the later commit."""
    for first, second in ((0, 1), (1, 0)):
        reset_log()
        watcher = Watcher()
        for writer in writers[:2]:
            writer.insert("task:00000000-0000-0000-0000-000000000000")
        for done, number in enumerate((first, second), start=1):
            writers[number].commit()
            numbering.publish_pending()
            watcher.look()
            assert (watcher.position, len(watcher.seen)) == (done, done)
