"""Which topics a relay numbers first, when several are alive."""

from __future__ import annotations

from realtime.relay.partition import ALL_TOPICS, Partition, choose


def test_relays_divide_the_topics_by_their_order():
    assert [choose(relay, [3, 8, 9]) for relay in (3, 8, 9)] == [
        Partition(0, 3),
        Partition(1, 3),
        Partition(2, 3),
    ]


def test_the_only_relay_has_all_topics():
    assert choose(3, [3]) == ALL_TOPICS


def test_a_relay_that_is_not_known_to_be_alive_takes_all_topics():
    assert choose(None, [3]) == ALL_TOPICS
    assert choose(4, [3, 8]) == ALL_TOPICS
