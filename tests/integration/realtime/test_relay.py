"""Positions are assigned in commit order and without gaps, however transactions overlap."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from realtime import relay_process
from realtime.background.task_runs import task_run_create
from realtime.log import changes
from realtime.log.reader import changes_after, head_of
from realtime.models import Change, TopicHead
from realtime.relay import numbering
from realtime.relay.audience import Audience
from realtime.relay.numbering import ASSIGN_POSITIONS, BATCH_MARKERS, assign_positions, parameters
from realtime.relay.partition import ALL_TOPICS

TOPIC = "tasks"


@pytest.mark.django_db
def test_positions_are_contiguous_and_folded_by_key() -> None:
    changes.record([(TOPIC, "task:a"), (TOPIC, "task:b"), (TOPIC, "task:a")])
    changes.record([(TOPIC, "task:a")])
    [numbered] = assign_positions()
    assert (numbered.first, numbered.last) == (1, 2)
    assert numbered.keys == ["task:b", "task:a"], "a key has the position of its last change"
    assert Change.objects.count() == 2, "folded markers are gone"


@pytest.mark.django_db
def test_each_topic_has_its_own_positions() -> None:
    changes.record([("tasks.1", "task:a"), ("tasks.2", "task:a"), ("tasks.2", "task:b")])
    assert {part.topic: part.last for part in assign_positions()} == {"tasks.1": 1, "tasks.2": 2}
    assert assign_positions() == []


@pytest.mark.django_db
@pytest.mark.parametrize(("recorded", "is_full"), [(3, False), (4, True), (7, True)])
def test_only_a_full_batch_is_followed_by_another_without_a_notification(
    recorded: int, monkeypatch: pytest.MonkeyPatch, *, is_full: bool
) -> None:
    """Each notification would else cost a second statement, which finds nothing."""
    for module in (numbering, relay_process):
        monkeypatch.setattr(module, "BATCH_MARKERS", 4)
    changes.record([(TOPIC, f"task:{number}") for number in range(recorded)])
    activity, claims = relay_process.ActivityWriter(), relay_process.Claims()
    turn = relay_process._number_and_render(Audience(), activity, claims)
    assert turn == (is_full, [])


@pytest.mark.django_db
def test_a_reader_gets_each_missed_key_once() -> None:
    for _ in range(3):
        changes.record([(TOPIC, "task:00000000-0000-0000-0000-000000000001")])
        assign_positions()
    batch = changes_after(TOPIC, 1)
    assert batch is not None
    assert (batch.first, batch.last) == (2, 3)
    assert list(batch.changes) == ["task:00000000-0000-0000-0000-000000000001"]
    assert changes_after(TOPIC, 3) is None


@pytest.mark.django_db(transaction=True)
def test_a_transaction_that_commits_late_gets_a_later_position_and_is_not_lost() -> None:
    """Interleaving: A records, B records and commits, the relay numbers, A commits, the relay
    numbers again. Ids alone would put A before B and lose it to everyone already past B."""
    recorded, may_commit = threading.Event(), threading.Event()

    def slow_writer() -> None:
        try:
            with transaction.atomic():
                changes.record([(TOPIC, "task:slow")])
                recorded.set()
                assert may_commit.wait(10)
        finally:
            connection.close()

    writer = threading.Thread(target=slow_writer)
    writer.start()
    assert recorded.wait(10)
    changes.record([(TOPIC, "task:quick")])
    [first] = assign_positions()
    assert first.keys == ["task:quick"]
    may_commit.set()
    writer.join()
    [second] = assign_positions()
    assert (second.first, second.keys) == (first.last + 1, ["task:slow"])


@pytest.mark.django_db(transaction=True)
def test_two_relays_at_once_assign_exactly_one_position_to_each_change() -> None:
    """Interleaving: both claim while the other's claim is uncommitted."""
    for number in range(40):
        changes.record([(TOPIC, f"task:{number}")])
    barrier = threading.Barrier(2)

    def relay() -> None:
        try:
            barrier.wait(10)
            while assign_positions():
                pass
        finally:
            connection.close()

    relays = [threading.Thread(target=relay) for _ in range(2)]
    for one in relays:
        one.start()
    for one in relays:
        one.join()
    assign_positions()
    positions = sorted(Change.objects.values_list("position", flat=True))
    assert positions == list(range(1, 41))
    assert head_of(TOPIC).position == 40


@pytest.mark.django_db
def test_numbering_takes_the_same_number_of_queries_for_ten_changes_and_a_thousand() -> None:
    counts = []
    for size in (10, 1000):
        changes.record((TOPIC, f"task:{number}") for number in range(size))
        with CaptureQueriesContext(connection) as queries:
            assign_positions()
        counts.append(len(queries))
    assert counts[0] == counts[1]


@pytest.mark.django_db
def test_a_change_marker_contains_no_personal_data() -> None:
    task_run_create(name="import", title="王思远.csv", owner=None)
    marker = Change.objects.get()
    assert {field.name for field in Change._meta.get_fields()} == {
        "id",
        "topic",
        "key",
        "position",
        "recorded_at",
    }
    assert "王" not in marker.key + marker.topic


@pytest.mark.django_db
def test_concurrent_readers_create_one_head_per_topic() -> None:
    assert head_of(TOPIC).epoch == head_of(TOPIC).epoch
    assert TopicHead.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("topics", [1, BATCH_MARKERS])
def test_the_work_of_numbering_a_full_batch_grows_with_its_markers_and_not_with_their_square(
    topics: int,
) -> None:
    """PostgreSQL, which expects few pending changes, must not compare each with each."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO realtime_change (topic, key, position, recorded_at)
            SELECT 'tasks.0', 'task:' || number, number, now() FROM generate_series(1, 20000) number
            """
        )
        cursor.execute("ANALYZE realtime_change")
        changes.record((f"tasks.{at % topics + 1}", f"task:{at}") for at in range(BATCH_MARKERS))
        explained = f"EXPLAIN (ANALYZE, FORMAT JSON) {ASSIGN_POSITIONS}"
        cursor.execute(explained, parameters(ALL_TOPICS, []))
        [plan] = cursor.fetchone()[0]
    assert Change.objects.filter(position=None).count() == 0, "the premise: it was executed"
    in_vain = sum(
        step.get(f"Rows Removed by {way}", 0) * step["Actual Loops"]
        for step in steps_of(plan["Plan"])
        for way in ("Join Filter", "Filter")
    )
    assert in_vain <= 4 * BATCH_MARKERS


def steps_of(plan: dict) -> Iterator[dict]:
    """All steps of a plan."""
    yield plan
    for part in plan.get("Plans", ()):
        yield from steps_of(part)
