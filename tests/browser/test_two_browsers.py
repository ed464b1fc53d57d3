"""Two real browsers in front of real processes: each shows what happens in the other."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Browser, Page, expect

from interview import services
from interview.models import Interview
from interview.services.transitions import Actor
from jobs.models import Campaign
from tests.browser.conftest import Open, expect_live
from tests.factories import make_application, make_candidate, make_interview, make_member
from tests.people import make_person
from tests.support.product.processes import Site

pytestmark = [
    pytest.mark.browser,
    pytest.mark.processes,
    pytest.mark.django_db(transaction=True),
]

AT_ONCE_MS = 1000  # after the response to the person who did it
COMES_BACK_MS = 40_000  # the longest pause between two attempts is 30 s


@pytest.fixture
def interview(campaign: Campaign, wu: User, noon: object) -> Interview:
    application = make_application(campaign=campaign, candidate=make_candidate(name="李小龙"))
    return make_interview(campaign=campaign, application=application, interviewers=[wu])


@pytest.fixture
def screens(
    launch: Callable[[], Browser],
    open_as: Open,
    campaign: Campaign,
    lin: User,
    wu: User,
    interview: Interview,
) -> tuple[Page, Page, Page]:
    """Lin's board; in another browser a colleague's board, and Wu's page."""
    colleague = make_person("qian", "coordinator", family="钱", given="程")
    make_member(campaign, colleague)
    elsewhere = launch()
    board = f"/board/{campaign.slug}/"
    pages = (
        open_as(lin, board),
        open_as(colleague, board, browser=elsewhere),
        open_as(wu, "/me/", browser=elsewhere),
    )
    for page in pages:
        expect_live(page)
        page.evaluate("window.wasNeverReloaded = true")
    return pages


def card(page: Page, interview: Interview) -> str:
    return f"[data-key='interview:{interview.pk}']"


def test_a_check_in_shows_on_every_screen_at_once(
    screens: tuple[Page, Page, Page], interview: Interview
) -> None:
    lins, colleagues, wus = screens
    there = colleagues.locator(card(colleagues, interview))
    expect(there).to_have_attribute("data-status", "scheduled")
    lins.click(card(lins, interview))
    with lins.expect_response("**/check-in/"):
        lins.click("#drawer [data-action=check-in]")
    expect(there).to_have_attribute("data-status", "arrived", timeout=AT_ONCE_MS)
    expect(wus.locator(".arrived")).to_contain_text("李小龙", timeout=AT_ONCE_MS)
    expect(lins.locator("#drawer .state")).to_contain_text("Arrived", timeout=AT_ONCE_MS)
    assert all(page.evaluate("window.wasNeverReloaded") for page in screens)


def test_every_screen_catches_up_after_the_web_process_was_killed(
    screens: tuple[Page, Page, Page], interview: Interview, running: Site, lin: User
) -> None:
    lins, colleagues, wus = screens
    running.process("web").kill()
    for page in screens:
        expect(page.locator(".live[data-state]").first).to_have_attribute("data-state", "offline")
    check_in(interview, lin)
    running.start("web")
    for page in screens:
        expect_live(page, timeout=COMES_BACK_MS)
    for page in (lins, colleagues):
        expect(page.locator(card(page, interview))).to_have_attribute("data-status", "arrived")
    expect(wus.locator(".arrived")).to_contain_text("李小龙")
    assert all(page.evaluate("window.wasNeverReloaded") for page in screens)


def check_in(interview: Interview, by: User) -> None:
    """Checks the candidate in on the server, while no page is connected."""
    services.interview_check_in(
        interview_id=interview.pk,
        version=interview.version,
        actor=Actor(user=by, source="test"),
    )
