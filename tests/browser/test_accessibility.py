"""Boards and walls are accessible: axe-core finds no violation."""

from datetime import datetime, timedelta

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from jobs.models import Campaign
from tests.browser.conftest import Open, expect_live, violations
from tests.factories import make_interview, make_room
from tests.support.clients.card_drawer import choose_action

pytestmark = [
    pytest.mark.browser,
    pytest.mark.processes,
    pytest.mark.django_db(transaction=True),
]

BOARD = "/board/autumn/"
STATUSES = ("scheduled", "confirmed", "arrived", "in_progress", "feedback_due", "completed")
LOOKS = [
    pytest.param({"language": "en", "color_scheme": "light"}, id="light"),
    pytest.param({"language": "zh-hans", "color_scheme": "dark"}, id="dark"),
    pytest.param({"viewport": {"width": 390, "height": 844}}, id="phone"),
]


@pytest.fixture
def day(campaign: Campaign, noon: datetime) -> None:
    """Two rooms with a card of every status, one of them late."""
    for number in range(2):
        room = make_room(campaign=campaign)
        for place, status in enumerate(STATUSES[number::2]):
            starts_at = noon + timedelta(hours=2 * place - 1, minutes=-10)
            make_interview(room=room, starts_at=starts_at, status=status)


@pytest.mark.parametrize("look", LOOKS)
def test_the_board_and_its_dialogs_are_accessible(
    open_as: Open, lin: User, day: None, look: dict[str, object]
) -> None:
    page = open_as(lin, BOARD, **look)
    expect_live(page)
    expect(page.locator("#view [data-key]")).to_have_count(6)
    for view in ("rooms", "status", "list"):
        page.evaluate("view => { location.hash = view }", view)
        expect(
            page.locator(f"#view > .{ {'rooms': 'grid', 'status': 'columns'}.get(view, view) }")
        ).to_be_visible()
        assert violations(page) == [], view
    page.evaluate("() => { location.hash = 'rooms&lanes=interviewers' }")
    expect(page.locator("#view > .grid")).to_be_visible()
    page.locator(".grid-menu > summary").click()
    assert violations(page) == [], "rows of interviewers and their menu"
    page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    page.get_by_role("combobox").fill("a")
    assert violations(page) == [], "command palette"
    page.keyboard.press("Escape")
    page.evaluate("() => { location.hash = 'list' }")
    check_dialogs(page)


def check_dialogs(page: Page) -> None:
    page.locator(
        "#view [data-key][data-status=arrived], #view [data-status=arrived] [data-key]"
    ).first.click()
    expect(page.locator("#drawer .timeline li").first).to_be_visible()
    page.locator("#drawer .sheet").evaluate(
        "sheet => Promise.all(sheet.closest('dialog').getAnimations().map(one => one.finished))"
    )
    assert violations(page) == [], "drawer"
    page.click("#drawer .rare > summary")
    assert violations(page) == [], "drawer's menu"
    page.keyboard.press("Escape")
    for action in ("reschedule", "reassign", "cancel"):
        choose_action(page, action)
        expect(page.locator(f"[data-form={action}]")).to_be_visible()
        assert violations(page) == [], action
        page.click("#drawer .sheet-form .quiet")


@pytest.mark.parametrize(
    "path",
    [
        "/board/?all=1",
        f"{BOARD}?plain=1",
        f"{BOARD}wall/",
        "/analytics/",
        "/analytics/?since=2026-12-01&until=2026-11-01",
    ],
)
def test_a_coordinators_other_pages_are_accessible(
    open_as: Open, lin: User, day: None, path: str
) -> None:
    page = open_as(lin, path)
    expect(page.locator("h1")).to_be_visible()
    assert violations(page) == []
