"""Sixty applications are proposed, adjusted and scheduled, and show on the board at once."""

from __future__ import annotations

import re
from datetime import datetime

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from interview.models import BulkPlan, Interview
from jobs.models import Campaign
from tests.browser.conftest import Open, expect_live, violations
from tests.factories import make_application, make_interviewer, make_job, make_room
from tests.support.product.processes import Site

pytestmark = [
    pytest.mark.browser,
    pytest.mark.processes,
    pytest.mark.django_db(transaction=True),
]

MANY = 60
WORK_MS = 60_000


def test_sixty_applications_are_scheduled_and_appear_on_the_board(
    open_as: Open, running: Site, campaign: Campaign, lin: User, noon: datetime
) -> None:
    create_rooms_and_applications(campaign)
    running.start("worker")
    board = open_as(lin, f"/board/{campaign.slug}/")
    expect_live(board)
    lins = open_as(lin, "/applications/")
    propose_times_for_all(lins, noon)
    expect(lins.locator(".plan-grid .slot")).to_have_count(MANY)
    assert violations(lins) == []
    adjust_the_last_line(lins)

    lins.click(f"button:has-text('Schedule {MANY} interviews')")
    count = lins.locator("#progress [data-count]")
    expect(count).to_have_text(re.compile(rf"[1-9]\d* / {MANY}"), timeout=WORK_MS)
    expect(lins.locator(".banner")).to_contain_text(f"{MANY} interviews scheduled", timeout=WORK_MS)
    expect(board.locator("[data-status=scheduled]")).to_have_count(MANY, timeout=WORK_MS)
    assert Interview.objects.count() == MANY
    assert lins.errors == []  # type: ignore[attr-defined]


def create_rooms_and_applications(campaign: Campaign) -> None:
    job = make_job(campaign=campaign)
    for number in range(8):
        make_room(campaign=campaign, name=f"A-{number}")
        make_interviewer(last_name=f"B{number}")
    for _number in range(MANY):
        make_application(job=job)
    campaign.refresh_from_db()


def propose_times_for_all(lins: Page, noon: datetime) -> None:
    """Selects all filtered applications, not only the page's fifty; today from 13:00 to 22:00."""
    lins.check("#all")
    expect(lins.locator("[data-chosen]")).to_have_text("50 chosen")
    lins.check("input[name=every]")
    lins.click("button:has-text('Schedule together')")
    today = noon.date().isoformat()
    for name, value in {
        "first_day": today, "last_day": today, "opens_at": "13:00", "closes_at": "22:00",
        "slot_minutes": "20", "buffer_minutes": "5",
    }.items():  # fmt: skip
        lins.fill(f"[name={name}]", value)
    lins.check("[name=with_weekends]")
    lins.click("button:has-text('Propose times')")


def adjust_the_last_line(lins: Page) -> None:
    """Sets the last line to 22:30 and locks it."""
    last = BulkPlan.objects.get().lines.last()
    assert last is not None
    lins.locator(f"#line-{last.pk} a:has-text('Adjust')").click()
    lins.fill(".adjust [name=start]", "22:30")
    lins.click("button:has-text('Save and lock')")
    expect(lins.locator(f"#line-{last.pk}")).to_contain_text("22:30")
    expect(lins.locator(f"#line-{last.pk}")).to_contain_text("locked")
