"""Two relays number different topics; what one of them leaves lying, the other takes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from realtime.log import changes
from realtime.models import Change, Heartbeat
from realtime.relay.numbering import assign_positions
from realtime.relay.partition import ALL_TOPICS, OVERDUE_SECONDS, Partition, partition_of
from realtime.relay_process import Claims

pytestmark = pytest.mark.django_db

TOPICS = {f"board.spring.2026-11-{day:02}" for day in range(1, 29)}
FIRST, SECOND = Partition(0, 2), Partition(1, 2)


def record_one_each() -> None:
    changes.record((topic, "interview:1") for topic in TOPICS)


def numbered_by(partition: Partition) -> set[str]:
    return {part.topic for part in assign_positions(partition)}


def let_all_be_overdue(seconds: float = 2 * OVERDUE_SECONDS) -> None:
    longer_ago = timezone.now() - timedelta(seconds=seconds)
    Change.objects.filter(position=None).update(recorded_at=longer_ago)


def test_each_topic_is_numbered_by_one_relay_and_always_by_the_same():
    record_one_each()
    of_first = numbered_by(FIRST)
    of_second = numbered_by(SECOND)
    assert of_first | of_second == TOPICS
    assert of_first.isdisjoint(of_second)
    assert min(len(of_first), len(of_second)) >= len(TOPICS) // 4, "both have a share"
    record_one_each()
    assert numbered_by(FIRST) == of_first


def test_overdue_changes_are_numbered_by_any_relay():
    record_one_each()
    let_all_be_overdue()
    found = assign_positions(FIRST)
    assert {part.topic for part in found} == TOPICS
    assert {part.is_own for part in found} == {True, False}


def test_changes_of_a_writer_whose_clock_is_ahead_do_not_wait_for_their_own_relay():
    record_one_each()
    let_all_be_overdue(-3600)
    assert numbered_by(FIRST) == TOPICS


def test_a_relay_that_had_to_help_takes_all_topics_at_once():
    claims = Claims()
    claims.partition = FIRST
    record_one_each()
    own = {part.topic for part in claims.claim()}
    assert own < TOPICS
    assert claims.partition == FIRST
    let_all_be_overdue()
    assert {part.topic for part in claims.claim()} == TOPICS - own
    assert claims.partition == ALL_TOPICS
    record_one_each()
    assert {part.topic for part in claims.claim()} == TOPICS


def test_the_division_follows_the_heartbeats():
    now = timezone.now()
    first, second = (
        Heartbeat.objects.create(process="relay", name=name, since=now, seen_at=now)
        for name in ("one:1", "two:1")
    )
    Heartbeat.objects.create(process="beat", name="one:2", since=now, seen_at=now)
    assert partition_of(first.pk) == FIRST
    assert partition_of(second.pk) == SECOND
    first.is_alive = False
    first.save()
    assert partition_of(second.pk) == ALL_TOPICS
    assert partition_of(None) == ALL_TOPICS
