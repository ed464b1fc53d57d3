"""Changes are kept as long as clients may resume from them, and are then deleted."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from realtime import retention
from realtime.log import changes, reader
from realtime.log.reader import changes_after, head_of
from realtime.models import Change
from realtime.relay.numbering import assign_positions

pytestmark = pytest.mark.django_db
TOPIC = "tasks"
KEY = "task:00000000-0000-0000-0000-00000000000"


def publish(number: int) -> None:
    changes.record([(TOPIC, f"{KEY}{number}")])
    assign_positions()


def test_changes_older_than_a_day_are_deleted_and_their_readers_take_a_snapshot() -> None:
    publish(1)
    publish(2)
    Change.objects.filter(position=1).update(
        recorded_at=timezone.now() - retention.KEEP_FOR - timedelta(minutes=1)
    )
    assert changes_after(TOPIC, 0) is not None
    assert retention.trim_changes(timezone.now()) == 1
    assert head_of(TOPIC).kept_from == 2
    assert changes_after(TOPIC, 0) is None, "the reader takes a snapshot"
    batch = changes_after(TOPIC, 1)
    assert batch is not None
    assert list(batch.changes) == [f"{KEY}2"]


def test_a_busy_topic_keeps_only_its_latest_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "KEEP_CHANGES", 2)
    for number in range(5):
        publish(number)
    assert retention.trim_changes(timezone.now()) == 3
    assert list(Change.objects.values_list("position", flat=True).order_by("position")) == [4, 5]
    assert retention.trim_changes(timezone.now()) == 0


def test_unpublished_changes_are_never_deleted() -> None:
    changes.record([(TOPIC, f"{KEY}1")])
    Change.objects.update(recorded_at=timezone.now() - 2 * retention.KEEP_FOR)
    assert retention.trim_changes(timezone.now()) == 0
    assert Change.objects.count() == 1


def test_a_reader_never_gets_part_of_the_changes_that_are_being_deleted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Interleaving: the log is trimmed after the reader has read the head, before the keys."""
    publish(1)
    publish(2)
    monkeypatch.setattr(retention, "KEEP_CHANGES", 1)
    read = reader.head_of

    def head_then_trim(topic: str) -> reader.Head:
        head = read(topic)
        retention.trim_changes(timezone.now())
        return head

    monkeypatch.setattr(reader, "head_of", head_then_trim)
    assert changes_after(TOPIC, 0) is None
