"""Unsaved typing survives changes and restarts: text, focus and caret position."""

from datetime import datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import Dialog, Locator, Page, expect

from interview.models import Interview, InterviewAssignment, Room, Scorecard
from jobs.models import Campaign
from tests.browser.conftest import Open, expect_live, expect_state
from tests.factories import make_interview, make_room
from tests.people import PASSWORD
from tests.support.clients.browser_faults import SITE_CAN_BE_UPDATED, SPREADS_NOTHING, act
from tests.support.clients.card_drawer import choose_action
from tests.support.product.processes import Site

pytestmark = [
    pytest.mark.browser,
    pytest.mark.processes,
    pytest.mark.django_db(transaction=True),
]

BOARD = "/board/autumn/"
PLACE_IN_TEXT = "field => [field === document.activeElement, field.selectionStart]"


@pytest.fixture
def room(campaign: Campaign) -> Room:
    return make_room(campaign=campaign, name="A-301")


@pytest.fixture
def interview(room: Room, wu: User, noon: datetime) -> Interview:
    """In an hour, with Wu."""
    return make_interview(room=room, interviewers=[wu], starts_at=noon + timedelta(hours=1))


def begin_to_type(field: Locator, text: str) -> None:
    """Types the text and puts the caret after its third letter."""
    field.fill(text)
    field.evaluate("field => field.setSelectionRange(3, 3)")


def expect_untouched(field: Locator, text: str) -> None:
    expect(field).to_have_value(text)
    assert field.evaluate(PLACE_IN_TEXT) == [True, 3]


def test_an_open_form_on_the_board_survives_changes_and_a_deployment(
    open_as: Open, running: Site, lin: User, wu: User, interview: Interview, room: Room
) -> None:
    """The card changes beneath the form, and the new process goes on serving the old page."""
    page = open_as(lin, f"{BOARD}#rooms&card={interview.pk}")
    page.click("#drawer [data-action=reschedule]")
    start, end = page.input_value("#form-start"), page.input_value("#form-end")
    page.locator("#form-start").press("Backspace")
    act(interview, "check_in")
    expect(page.locator("#drawer .conflict ins")).to_have_text("Arrived")
    expect(page.locator("#form-start")).to_have_value("")
    page.fill("#form-start", later := f"{int(start[:2]) - 1:02}{start[2:]}")
    expect(page.locator("#form-end")).to_have_value(f"{int(end[:2]) - 1:02}{end[2:]}")
    reason = page.locator("#form-reason")
    begin_to_type(reason, "On quest")
    static = []
    page.on("request", lambda asked: static.append(asked.url) if "/static/" in asked.url else None)
    running.process("web").terminate()
    expect_state(page, "offline")
    expect_untouched(reason, "On quest")
    act(interview, "start")
    running.start("web")
    expect_state(page, "live")
    expect(page.locator("#drawer .conflict ins")).to_have_text("In progress")
    expect_untouched(reason, "On quest")
    page.keyboard.type("re")
    expect(reason).to_have_value("On request")
    expect(page.locator("#form-start")).to_have_value(later)
    assert static == [], "a page must not load files of another version"
    assert page.errors == []


def test_an_outdated_page_says_so_and_reloads_only_when_no_form_is_open(
    open_as: Open, lin: User, interview: Interview
) -> None:
    scripts = [SPREADS_NOTHING, SITE_CAN_BE_UPDATED]
    page = open_as(lin, f"{BOARD}#rooms&card={interview.pk}", scripts=scripts)
    expect_live(page)
    page.evaluate("window.isTheSamePage = true")
    choose_action(page, "cancel")
    reason = page.locator("#form-reason")
    begin_to_type(reason, "No lon")
    page.evaluate("updateSite()")
    expect_state(page, "outdated")
    expect(page.locator(".live")).to_contain_text("A newer version is available")
    expect_untouched(reason, "No lon")
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.once("dialog", stay)
    page.evaluate("location.reload()")
    expect_untouched(reason, "No lon")
    assert asked == ["beforeunload"]
    assert page.evaluate("window.isTheSamePage")
    page.click("#drawer .sheet-form .quiet")
    page.wait_for_function("() => !window.isTheSamePage")
    expect_live(page)
    expect(page.locator("#drawer")).to_have_js_property("open", True)


def test_a_change_does_not_overwrite_minutes_that_are_being_typed(
    open_as: Open, lin: User, wu: User, zhao: User, interview: Interview, noon: datetime
) -> None:
    """An interview that starts two hours late occupies the room beyond the next start."""
    late = make_interview(
        room=interview.room, interviewers=[zhao], starts_at=noon - timedelta(hours=2)
    )
    act(late, "check_in")
    act(late, "start")
    act(
        interview,
        "reschedule",
        starts_at=noon + timedelta(minutes=30),
        ends_at=noon + timedelta(minutes=90),
    )
    page = open_as(lin, BOARD)
    page.locator("[data-action-item=room_late] button.primary").click()
    expect(page.locator("#shift .moved li")).to_have_count(1)
    minutes = page.locator("#shift-minutes")
    minutes.press("ControlOrMeta+a")
    minutes.press("4")
    act(interview, "confirm")
    card = page.locator(f"#view [data-key='interview:{interview.pk}']")
    expect(card).to_have_attribute("data-status", "confirmed")
    minutes.press("5")
    expect(minutes).to_have_value("45")
    minutes.press("Tab")
    expect(page.locator("#shift .primary")).to_contain_text("45")
    minutes.fill("999")
    minutes.press("Tab")
    expect(minutes).to_have_value("45")


def test_an_unfinished_decline_reason_survives_a_new_next_interview(
    open_as: Open, running: Site, wu: User, interview: Interview, campaign: Campaign, noon: datetime
) -> None:
    page = open_as(wu, "/me/")
    expect_live(page)
    page.click(".decline summary")
    reason = page.locator(".decline input")
    begin_to_type(reason, "Productincident")
    sooner = make_interview(
        room=make_room(campaign=campaign),
        interviewers=[wu],
        starts_at=noon + timedelta(minutes=10),
        ends_at=noon + timedelta(minutes=50),
    )
    expect(page.locator(f"[data-key='interview:{sooner.pk}']")).to_be_visible()
    expect_untouched(reason, "Productincident")
    running.process("web").kill()
    expect_state(page, "offline")
    running.start("web")
    expect_state(page, "live")
    expect_untouched(reason, "Productincident")
    page.keyboard.press("End")
    page.click(".decline button")
    expect(page.locator(".next")).to_have_attribute("data-key", f"interview:{sooner.pk}")
    declined = InterviewAssignment.objects.get(interview=interview)
    assert declined.decline_reason == "Productincident"


@pytest.fixture
def scorecard(open_as: Open, wu: User, interview: Interview) -> Page:
    act(interview, "check_in")
    page = open_as(wu, reverse("scorecard", args=[interview.pk]))
    page.fill("#id_strengths", "Knows why")
    return page


def saved() -> list[str]:
    return list(Scorecard.objects.values_list("strengths", flat=True))


def test_a_scorecard_survives_a_server_failure_and_can_then_be_saved(
    scorecard: Page, running: Site
) -> None:
    running.process("web").kill()
    scorecard.click("button[value=draft]")
    expect(scorecard.locator(".toast.error")).to_contain_text("still here")
    expect(scorecard.locator("#id_strengths")).to_have_value("Knows why")
    assert saved() == []
    running.start("web")
    scorecard.click("button[value=draft]")
    expect(scorecard.locator(".toast.success")).to_be_visible()
    assert saved() == ["Knows why"]


def test_a_scorecard_survives_the_end_of_its_writers_session(scorecard: Page, wu: User) -> None:
    """Signing in again in another tab invalidates the form's CSRF token."""
    scorecard.context.clear_cookies()
    scorecard.click("button[value=draft]")
    error = scorecard.locator(".toast.error")
    expect(error).to_contain_text("Sign in again")
    with scorecard.context.expect_page() as opened:
        error.get_by_role("link", name="Sign in").click()
    tab = opened.value
    tab.fill("#id_username", wu.username)
    tab.fill("#id_password", PASSWORD)
    tab.click("form button.primary")
    tab.wait_for_url(scorecard.url)
    scorecard.click("button[value=draft]")
    expect(scorecard.locator(".toast.success")).to_be_visible()
    assert saved() == ["Knows why"]
