"""Processes that serve no pages export their own metrics."""

from __future__ import annotations

import pytest

from realtime.background.periodic.sync import sync_schedule
from realtime.models import Lease
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
