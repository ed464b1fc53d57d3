"""A new user's first day: from a file of candidates to a check-in that all screens show."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Browser, Locator, Page, expect

from jobs.models import Campaign, Candidate, Job
from tests.browser.conftest import Open, expect_live
from tests.factories import make_job, make_room
from tests.support.clients.card_drawer import choose_action
from tests.support.product.processes import Site

pytestmark = [
    pytest.mark.browser,
    pytest.mark.processes,
    pytest.mark.django_db(transaction=True),
]

COURSE_FILE = Path(__file__).parents[1] / "data" / "course_candidates.csv"
WORK_MS = 60_000
AT_ONCE_MS = 1000  # after the response to the person who did it
COMES_BACK_MS = 40_000
STARTS = ["14:00", "15:00", "16:00", "17:00"]


def import_the_course_file(lins: Page) -> None:
    lins.set_input_files("#id_file", COURSE_FILE)
    lins.click("main form button.primary")
    lins.click("button[name=do][value=apply]")
    expect(lins.locator("button[value=revert]")).to_have_count(1, timeout=WORK_MS)


def make_four_applications(lins: Page, site: Site, job: Job) -> None:
    lins.goto(f"{site.url}/candidates/")
    boxes = lins.locator("input[name=candidates]")
    expect(boxes).to_have_count(4)
    for number in range(4):
        boxes.nth(number).check()
    lins.select_option("#id_job", str(job.pk))
    lins.click("button:has-text('Create applications')")


def schedule_them(lins: Page, site: Site, day: str) -> None:
    for number, start in enumerate(STARTS):
        lins.goto(f"{site.url}/applications/")
        lins.locator("tbody tr").nth(number).locator("a.button").click()
        lins.fill("[name=day]", day)
        lins.fill("[name=start]", start)
        lins.locator("[name=room]").first.check()
        lins.locator("[name=interviewers]").first.check()
        lins.click("button:has-text('Schedule and notify')")
        lins.wait_for_url(lambda address: "/schedule/" not in address)


def test_a_file_becomes_candidates_interviews_and_a_check_in_on_every_screen(
    open_as: Open,
    launch: Callable[[], Browser],
    running: Site,
    campaign: Campaign,
    lin: User,
    admin: User,
    wu: User,
    noon: datetime,
) -> None:
    running.start("worker")
    job = make_job(campaign=campaign, title="Backend engineer")
    make_room(campaign=campaign, name="A-301")
    lins = open_as(lin, "/imports/")
    import_the_course_file(lins)
    assert Candidate.objects.filter(campaigns=campaign).count() == 4
    make_four_applications(lins, running, job)
    campaign.refresh_from_db()
    schedule_them(lins, running, noon.date().isoformat())

    elsewhere = launch()
    others = open_as(admin, f"/board/{campaign.slug}/", browser=elsewhere)
    wus = open_as(wu, "/me/", browser=elsewhere)
    lins.goto(f"{running.url}/board/{campaign.slug}/")
    there = check_in_the_first(lins, others, wus)

    web = running.process("web")
    web.kill()
    running.start("web")
    choose_action(lins, "start", timeout=COMES_BACK_MS)
    expect(there).to_have_attribute("data-status", "in_progress", timeout=COMES_BACK_MS)
    for page in (others, wus):
        expect_live(page, timeout=COMES_BACK_MS)


def check_in_the_first(lins: Page, others: Page, wus: Page) -> Locator:
    """Lin checks a candidate in, and the others see it at once; returns the other board's card."""
    for page in (lins, others, wus):
        expect_live(page)
    expect(others.locator("[data-status=scheduled]")).to_have_count(4)
    first = lins.locator("[data-status=scheduled]").first
    key = first.get_attribute("data-key")
    first.click()
    with lins.expect_response("**/check-in/"):
        choose_action(lins, "check-in")
    there = others.locator(f"[data-key='{key}']")
    expect(there).to_have_attribute("data-status", "arrived", timeout=AT_ONCE_MS)
    expect(wus.locator(".arrived")).to_be_visible(timeout=AT_ONCE_MS)
    return there
