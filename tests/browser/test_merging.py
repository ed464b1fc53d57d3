"""Two candidates are merged on a page that needs no scripts, and open boards show it at once."""

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from jobs.models import Campaign, Candidate
from tests.browser.conftest import Open, expect_live, violations
from tests.factories import make_application, make_candidate, make_interview

pytestmark = [
    pytest.mark.browser,
    pytest.mark.processes,
    pytest.mark.django_db(transaction=True),
]

PHONE = {"width": 390, "height": 844}
LOOKS = [
    pytest.param({"language": "en", "color_scheme": "light"}, id="light"),
    pytest.param({"language": "zh-hans", "color_scheme": "dark"}, id="dark"),
    pytest.param({"viewport": PHONE}, id="phone"),
]


@pytest.fixture
def pair(campaign: Campaign, wu: User, noon: object) -> tuple[Candidate, Candidate]:
    """Both have applied for one job, under two names; the newer record has the interview."""
    older, newer = (make_candidate(name=name, school="复旦大学") for name in ("李娜", "李小娜"))
    first = make_application(candidate=older, campaign=campaign)
    second = make_application(candidate=newer, job=first.job)
    make_interview(application=second, interviewers=[wu])
    return older, newer


def address(pair: tuple[Candidate, Candidate]) -> str:
    return f"/candidates/merge/?one={pair[0].pk}&other={pair[1].pk}"


def merge(page: Page) -> None:
    page.click("main form button.primary")
    page.wait_for_url("**/candidates/?q=*")


@pytest.mark.parametrize("look", LOOKS)
def test_the_merge_page_is_accessible(
    open_as: Open, lin: User, pair: tuple[Candidate, Candidate], look: dict[str, object]
) -> None:
    page = open_as(lin, address(pair), **look)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "no overflow"


def test_two_candidates_are_merged_without_scripts_and_the_board_shows_the_name(
    open_as: Open, lin: User, campaign: Campaign, pair: tuple[Candidate, Candidate]
) -> None:
    board = open_as(lin, f"/board/{campaign.slug}/")
    expect_live(board)
    expect(board.locator("#view")).to_contain_text("李小娜")
    page = open_as(lin, address(pair), java_script_enabled=False)
    merge(page)
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(board.locator("#view")).to_contain_text("李娜")
    assert Candidate.objects.get().pk == pair[0].pk
