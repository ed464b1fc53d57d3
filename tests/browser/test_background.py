"""Background tasks on screens: the tray on a phone, and which processes are running."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from playwright.sync_api import expect

from jobs.models import Campaign
from realtime.background import task_runs
from realtime.models import Heartbeat
from tests.browser.conftest import Open, expect_live, violations
from tests.factories import make_application, make_job
from tests.support.product.processes import Site

pytestmark = [
    pytest.mark.browser,
    pytest.mark.processes,
    pytest.mark.django_db(transaction=True),
]

PHONE = {"width": 390, "height": 844}
MAX_TRAY_HEIGHT = 80  # of 844: a line at the bottom, not half of the page


def test_on_a_phone_the_task_tray_is_low_and_the_selection_bar_is_above_it(
    open_as: Open, running: Site, campaign: Campaign, lin: User
) -> None:
    job = make_job(campaign=campaign)
    for _number in range(12):
        make_application(job=job)
    for title in ("first.csv", "second.csv", "third.csv"):
        run = task_runs.task_run_create(name="import", title=title, owner=lin)
        task_runs.mark_started(run)
        task_runs.mark_succeeded(run, message="9,000 new, 0 known, 4 with problems")
    phone = open_as(lin, "/applications/", viewport=PHONE)
    tray, bar = phone.locator(".task-tray"), phone.locator(".chosen-bar")
    expect(tray.locator(".tray-run")).to_contain_text("third.csv")
    expect(tray.locator(".tray-more")).to_have_text("2 more")
    above, below = bar.bounding_box(), tray.bounding_box()
    assert above is not None
    assert below is not None
    assert above["y"] + above["height"] <= below["y"]
    assert below["height"] <= MAX_TRAY_HEIGHT
    assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert violations(phone) == []
    assert phone.errors == []  # type: ignore[attr-defined]


def test_operations_see_which_processes_run_and_which_fall_silent(
    open_as: Open, running: Site, chen: User
) -> None:
    now = timezone.now()
    worker = Heartbeat.objects.create(
        process=Heartbeat.Process.WORKER, name="host:1", since=now, seen_at=now
    )
    chens = open_as(chen, "/tasks/")
    expect_live(chens)
    expect(chens.locator("[data-process=relay]")).to_have_attribute("data-tone", "ok")
    expect(chens.locator("[data-process=worker]")).to_have_attribute("data-tone", "ok")
    expect(chens.locator("[data-process=beat]")).to_contain_text("none running")
    worker.is_alive, worker.version = False, worker.version + 1
    worker.save()
    expect(chens.locator("[data-process=worker]")).to_have_attribute("data-tone", "alert")
    expect(chens.locator("[data-process=worker]")).to_contain_text("not responding")
    assert violations(chens) == []
    assert chens.errors == []  # type: ignore[attr-defined]
