"""Processes that serve no pages export their own metrics."""

from __future__ import annotations

import pytest

from realtime.background.periodic.sync import sync_schedule
from realtime.log import changes
from realtime.models import Change, Lease
from tests.support.contracts.metrics_http import address, scrape
from tests.support.product.processes import Site
from tests.support.wait import until

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]


def test_a_beat_exports_what_it_sent_and_whether_it_is_the_leader(site: Site) -> None:
    sync_schedule()
    leader = site.start("beat", METRICS_PORT="0")
    first = address(leader)
    until(lambda: scrape(first).total("recruit_beat_sent_total") > 0)
    assert scrape(first).total("celery_task_sent_total", queue_name="default") > 0
    assert scrape(first).total("recruit_beat_holds_lease") == 1
    second = address(site.start("beat", METRICS_PORT="0"))
    assert Lease.objects.filter(name="beat").exists()
    assert scrape(second).total("recruit_beat_holds_lease") == 0


def test_a_relay_exports_its_own_metrics(site: Site) -> None:
    found = scrape(address(site.start("relay", METRICS_PORT="0")))
    assert found.kinds["recruit_relay_batches"] == "counter"
    assert found.total("process_open_fds") > 0


def test_two_relays_share_the_topics_and_either_may_die(site: Site) -> None:
    """Each numbers its own topics at once, and those of a relay that has died when they are due.

    A relay that takes all topics claims a whole transaction at once, so that ten transactions are
    ten turns of both together. Shared, they are ten turns of each.
    """
    relays = [site.start("relay", METRICS_PORT="0") for _ in range(2)]
    addresses = [address(relay) for relay in relays]

    def are_shared() -> bool:
        before = [turns(relay) for relay in addresses]
        for _ in range(10):
            record_in_every_topic()
            until(nothing_pending)
        return all(turns(relay) - then >= 9 for relay, then in zip(addresses, before, strict=True))

    until(are_shared)  # a relay that was alone divides the topics after its next heartbeat
    relays[0].kill()
    record_in_every_topic()
    until(nothing_pending)


def record_in_every_topic() -> None:
    changes.record((f"tasks.{number}", "task:1") for number in range(1, 17))


def nothing_pending() -> bool:
    return not Change.objects.filter(position=None).exists()


def turns(relay: str) -> float:
    """How often this relay has numbered changes."""
    return scrape(relay).total("recruit_relay_turn_seconds_count")
