"""The operations page stays correct when its own data source has failed."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import expect

from realtime.background import task_runs
from realtime.background.heartbeats import HeartbeatWriter
from realtime.models import Heartbeat
from realtime.tasks import heartbeat
from tests.browser.conftest import Open, expect_live, expect_state, violations
from tests.support.product.processes import Site

PHONE = {"width": 390, "height": 844}

pytestmark = [
    pytest.mark.browser,
    pytest.mark.processes,
    pytest.mark.django_db(transaction=True),
]


def test_operations_see_a_failed_task_at_once_and_a_missing_relay_without_it(
    open_as: Open, running: Site, chen: User, lin: User
) -> None:
    for process in (Heartbeat.Process.BEAT, Heartbeat.Process.WORKER):
        HeartbeatWriter(process).beat()
    heartbeat()
    chens = open_as(chen, "/ops/", viewport=PHONE)
    expect_live(chens)
    expect(chens.locator(".ops-fine")).to_be_visible()
    run = task_runs.task_run_create(name="import", title="王思远.csv", owner=lin)
    task_runs.mark_failed(run, message="王思远 is there twice")
    expect(chens.locator(".ops-trouble")).to_contain_text(str(run.pk))
    assert "王思远" not in chens.content()
    expect(chens.locator(".ops-alerts").first).to_contain_text("Alerts go nowhere")
    assert violations(chens) == []
    assert chens.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    relay = running.process("relay")
    relay.kill()
    Heartbeat.objects.filter(process="relay").delete()  # the effect of 45 seconds of silence
    expect(chens.locator("[data-problem=relay]")).to_contain_text("manage.py relay")
    expect(chens.locator(".ops-age")).to_contain_text("checks again")
    expect(chens.locator("[data-process=relay]")).to_have_attribute("data-tone", "alert")
    expect_state(chens, "polling")
    running.start("relay")
    expect_live(chens)
    expect(chens.locator(".ops-fine")).to_be_visible()
    assert chens.errors == []  # type: ignore[attr-defined]


def test_what_the_operations_page_cannot_know_is_neither_fine_nor_current(
    open_as: Open, running: Site, chen: User
) -> None:
    for process in (Heartbeat.Process.BEAT, Heartbeat.Process.WORKER):
        HeartbeatWriter(process).beat()
    heartbeat()
    chens = open_as(chen, "/ops/")
    expect_live(chens)
    expect(chens.locator(".ops-fine")).to_be_visible()
    expect(chens.locator("[data-process=worker]")).to_have_attribute("data-tone", "ok")
    with running.process("web").suspended():
        expect(chens.locator(".ops-problems")).to_contain_text("The site does not respond")
        expect(chens.locator(".ops-fine")).to_have_count(0)
        expect(chens.locator("[data-process=worker]")).to_have_attribute("data-tone", "unknown")
        expect(chens.locator("[data-process=worker]")).to_contain_text("not known")
        expect(chens.locator(".ops-vitals .ops-old")).to_have_count(3)
        expect(chens.locator(".live").first).to_contain_text("what you see may be old")
    expect_live(chens)
    expect(chens.locator(".ops-vitals .ops-old")).to_have_count(0)
    assert chens.errors == []  # type: ignore[attr-defined]
