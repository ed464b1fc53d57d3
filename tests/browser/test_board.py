"""The board in a real browser: what it shows, and that every action on it takes effect."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import APIResponse, Locator, Page, Route, expect

from interview import services
from interview.models import Interview, Room
from interview.services.transitions import Actor
from jobs.models import Campaign
from monitoring.audit.models import AuditEntry
from tests.browser.conftest import DESK, Open, expect_live
from tests.factories import make_application, make_candidate, make_interview, make_room
from tests.people import PASSWORD
from tests.support.clients.browser_faults import act
from tests.support.clients.card_drawer import choose_action
from tests.support.product.processes import Site

pytestmark = [
    pytest.mark.browser,
    pytest.mark.processes,
    pytest.mark.django_db(transaction=True),
]

BOARD = "/board/autumn/"
TABLET = {"width": 1100, "height": 800}  # too narrow for the drawer beside the board


@pytest.fixture
def room(campaign: Campaign) -> Room:
    return make_room(campaign=campaign, name="A-301")


@pytest.fixture
def interview(campaign: Campaign, room: Room, noon: datetime, wu: User) -> Interview:
    """李小龙, in an hour, with Wu."""
    return named("李小龙", room, noon + timedelta(hours=1), [wu])


@pytest.fixture
def board(open_as: Open, lin: User, interview: Interview) -> Page:
    """Lin's board, live."""
    page = open_as(lin, BOARD)
    expect_live(page)
    return page


def named(
    name: str, room: Room, starts_at: datetime, interviewers: list[User], status: str = "scheduled"
) -> Interview:
    candidate = make_candidate(name=name, campaign=room.campaign)
    return make_interview(
        room=room,
        application=make_application(candidate=candidate, campaign=room.campaign),
        starts_at=starts_at,
        interviewers=interviewers,
        status=status,
    )


def card(page: Page, interview: Interview) -> Locator:
    return page.locator(f"#view [data-key='interview:{interview.pk}']")


def take(page: Page, interview: Interview, key: str, status: str) -> None:
    """Takes a step by its key on the board, and waits until the card shows it."""
    card(page, interview).focus()
    page.keyboard.press(key)
    expect(card(page, interview)).to_have_attribute("data-status", status)


def status_of(interview: Interview) -> str:
    return Interview.objects.get(pk=interview.pk).status


def test_the_page_itself_has_no_rows_and_the_stream_brings_them(
    board: Page, interview: Interview
) -> None:
    expect(card(board, interview)).to_contain_text("李小龙")
    assert "李小龙" not in board.request.get(board.url).text()
    expect(board.locator("[data-counter=today] b")).to_have_text("1")
    assert board.errors == []


SCRIPTS = """() => {
    const given = [...document.querySelectorAll("link[rel=modulepreload], script[type=module]")];
    const addresses = new Set(given.map((one) => one.href || one.src));
    const loaded = performance.getEntriesByType("resource").map((one) => one.name);
    return [loaded.filter((one) => one.endsWith(".js")), [...addresses]];
}"""


@pytest.mark.parametrize("path", [BOARD, "/board/autumn/wall/"])
def test_a_live_page_names_all_its_scripts_so_that_none_is_found_late(
    open_as: Open, lin: User, campaign: Campaign, path: str
) -> None:
    page = open_as(lin, path)
    expect(page.locator("#connection")).to_be_attached()
    loaded, named_in_page = page.evaluate(SCRIPTS)
    assert len(loaded) > 5, "the premise: a live page has several scripts"
    assert set(loaded) == set(named_in_page)


def test_without_scripts_the_board_is_a_table_that_leads_to_actions(
    open_as: Open, lin: User, interview: Interview
) -> None:
    page = open_as(lin, BOARD, java_script_enabled=False)
    page.wait_for_url("**?plain=1")
    page.click("text=李小龙")
    page.wait_for_url(f"**/interviews/{interview.pk}/")
    expect(page.locator("form[action*='check-in']")).to_be_visible()


def test_a_step_taken_in_the_drawer_can_be_undone_from_the_toast(
    board: Page, interview: Interview
) -> None:
    card(board, interview).click()
    board.click("#drawer [data-action=check-in]")
    expect(card(board, interview)).to_have_attribute("data-status", "arrived")
    expect(board.locator(".timeline").first).to_contain_text("林岚")
    board.click(".toast .button.small:not([data-dismiss])")
    expect(card(board, interview)).to_have_attribute("data-status", "scheduled")
    assert status_of(interview) == "scheduled"
    assert board.errors == []


def test_the_drawer_is_a_panel_that_leaves_the_board_usable(
    board: Page, interview: Interview, campaign: Campaign, noon: datetime, zhao: User
) -> None:
    other = named("王思远", make_room(campaign=campaign), noon, [zhao])
    card(board, interview).click()
    title = board.locator("#drawer-title")
    expect(title).to_have_text("李小龙")
    expect(title).to_be_focused()
    card(board, other).click()
    expect(title).to_have_text("王思远")
    board.click("#views >> text=List")
    expect(board.locator("#view [role=row]", has_text="李小龙")).to_be_visible()
    board.keyboard.press("Escape")
    expect(board.locator("#drawer")).to_be_hidden()
    expect(card(board, other)).to_be_focused()
    assert board.errors == []


def test_a_window_that_gets_narrow_turns_the_panel_into_a_dialog_over_the_board(
    board: Page, interview: Interview
) -> None:
    card(board, interview).click()
    drawer = board.locator("#drawer")
    expect(drawer).to_have_js_property("open", True)
    assert not drawer.evaluate("one => one.matches(':modal')")
    board.set_viewport_size(TABLET)
    expect(board.locator("#drawer:modal")).to_be_visible()
    board.set_viewport_size(DESK)
    expect(board.locator("#drawer:modal")).to_have_count(0)
    expect(drawer).to_be_visible()
    assert board.errors == []


def test_the_next_step_is_the_first_button_and_rare_acts_are_in_a_menu(
    board: Page, interview: Interview
) -> None:
    card(board, interview).click()
    buttons = board.locator("#drawer .sheet-actions > button")
    expect(buttons).to_have_text(["Check in", "Reschedule", "Change interviewers"])
    expect(buttons.first).to_have_class(re.compile("primary"))
    cancel = board.locator("#drawer [data-action=cancel]")
    expect(cancel).to_be_hidden()
    board.locator("#drawer .rare > summary").click()
    expect(cancel).to_be_visible()
    board.keyboard.press("Escape")
    expect(cancel).to_be_hidden()
    expect(board.locator("#drawer-title")).to_be_visible()
    choose_action(board, "cancel")
    expect(board.locator("#drawer [data-form=cancel]")).to_be_visible()


def test_the_timeline_names_the_time_before_and_after(
    board: Page, interview: Interview, lin: User
) -> None:
    card(board, interview).click()
    act(
        interview,
        "reschedule",
        starts_at=interview.starts_at + timedelta(minutes=30),
        ends_at=interview.ends_at + timedelta(minutes=30),
        reason="Train",
    )
    change = board.locator("#drawer .timeline .change", has_text="Start")
    zone = ZoneInfo(interview.campaign.time_zone)
    before = interview.starts_at.astimezone(zone)
    expect(change.locator("del")).to_contain_text(f"{before:%H:%M}")
    expect(change.locator("ins")).to_contain_text(f"{before + timedelta(minutes=30):%H:%M}")


def choose_rows(board: Page, name: str) -> None:
    board.locator(".grid-menu > summary").click()
    board.locator(".grid-menu").get_by_label(name, exact=True).check()
    board.keyboard.press("Escape")


def test_interviewers_can_be_the_rows_and_the_link_shows_the_same_to_somebody_else(
    board: Page, interview: Interview, zhao: User, open_as: Open, admin: User
) -> None:
    named("王思远", interview.room, interview.starts_at + timedelta(hours=2), [zhao])
    choose_rows(board, "Interviewers")
    board.locator(".choice", has_text="Round").locator("summary").click()
    board.get_by_label("First round").check()
    lane = board.locator("section.room", has=board.locator("h3", has_text="吴磊"))
    expect(lane.locator(".slot")).to_have_count(1)
    expect(lane.locator(".slot")).to_contain_text("A-301")
    other = open_as(admin, board.url.removeprefix(board.url.split("/board")[0]))
    expect(other.locator("section.room h3")).to_have_count(2)
    expect(other.locator(".choice", has_text="Round")).to_contain_text("First round")
    choose_rows(board, "Candidates")
    expect(board.locator("section.room h3").first).to_contain_text("李小龙")
    assert board.errors == []


def test_a_card_dragged_to_another_interviewer_asks_to_swap_them(
    board: Page, interview: Interview, zhao: User
) -> None:
    named("王思远", interview.room, interview.starts_at + timedelta(hours=2), [zhao])
    choose_rows(board, "Interviewers")
    source = card(board, interview).bounding_box()
    lane = board.locator("section.room", has=board.locator("h3", has_text="赵敏")).bounding_box()
    assert source is not None
    assert lane is not None
    board.mouse.move(source["x"] + 10, source["y"] + 10)
    board.mouse.down()
    board.mouse.move(source["x"] + 20, lane["y"] + 30, steps=5)
    board.mouse.up()
    form = board.locator("#drawer [data-form=reassign]")
    expect(form).to_be_visible()
    form.locator("button.primary").click()
    expect(board.locator("#drawer .people")).to_contain_text("赵敏")
    people = set(interview.assignments.values_list("interviewer", flat=True))
    assert people == {zhao.pk}
    assert board.errors == []


def test_a_card_is_not_handed_to_an_interviewer_who_has_it_already(
    board: Page, interview: Interview, zhao: User
) -> None:
    act(interview, "reassign", add=[zhao], remove=[], reason="Training")
    choose_rows(board, "Interviewers")
    rows = board.locator("section.room")
    expect(rows).to_have_count(2)
    lane = rows.last.bounding_box()
    first = rows.first.locator(".slot").bounding_box()
    assert lane is not None
    assert first is not None
    board.mouse.move(first["x"] + 10, first["y"] + 10)
    board.mouse.down()
    board.mouse.move(first["x"] + 20, lane["y"] + 30, steps=5)
    expect(board.locator(".slot.lifted")).to_have_count(0)
    board.mouse.up()
    expect(board.locator("[data-form=reassign]")).to_have_count(0)
    assert interview.assignments.count() == 2


def test_keys_act_on_the_focused_card_not_on_the_one_in_the_panel(
    board: Page, interview: Interview, campaign: Campaign, noon: datetime, zhao: User
) -> None:
    other = named("王思远", make_room(campaign=campaign), noon, [zhao])
    card(board, interview).click()
    expect(board.locator("#drawer-title")).to_have_text("李小龙")
    take(board, other, "c", "arrived")
    assert status_of(interview) == "scheduled"


def test_a_form_that_somebody_has_begun_is_not_lost_without_a_question(
    board: Page, interview: Interview, campaign: Campaign, noon: datetime, zhao: User
) -> None:
    other = named("王思远", make_room(campaign=campaign), noon, [zhao])
    card(board, interview).click()
    choose_action(board, "cancel")
    board.locator("#form-reason").fill("Ill")
    board.once("dialog", lambda dialog: dialog.dismiss())
    card(board, other).click()
    expect(board.locator("#form-reason")).to_have_value("Ill")
    card(board, other).focus()
    board.keyboard.press("Escape")
    expect(board.locator("#form-reason")).to_have_value("Ill")
    board.once("dialog", lambda dialog: dialog.accept())
    card(board, other).click()
    expect(board.locator("#drawer-title")).to_have_text("王思远")


def test_zoom_and_compact_rows_are_remembered_and_the_whole_day_fits(
    board: Page, interview: Interview, campaign: Campaign, wu: User
) -> None:
    view = board.locator("#view")
    width = "one => one.firstElementChild.scrollWidth / one.clientWidth"
    board.locator(".grid-menu > summary").click()
    before = view.evaluate(width)
    board.get_by_role("button", name="Zoom in").click()
    assert view.evaluate(width) > before
    for _step in range(3):
        board.get_by_role("button", name="Zoom out").click()
    expect(board.get_by_role("button", name="Zoom out")).to_be_disabled()
    assert view.evaluate(width) <= 1
    board.get_by_label("Compact rows").check()
    board.reload()
    expect(board.locator(".grid.compact")).to_be_visible()
    assert view.evaluate(width) <= 1


def test_finished_hours_can_be_hidden(
    open_as: Open, lin: User, room: Room, wu: User, interview: Interview
) -> None:
    done = named("王思远", room, interview.starts_at - timedelta(hours=5), [wu], "completed")
    page = open_as(lin, BOARD)
    expect(card(page, done)).to_be_visible()
    page.locator(".grid-menu > summary").click()
    page.get_by_label("Hide finished hours").check()
    expect(card(page, done)).to_have_count(0)
    expect(card(page, interview)).to_be_visible()


def test_the_command_palette_finds_a_candidate_by_pinyin_and_takes_an_action(
    board: Page, interview: Interview
) -> None:
    board.keyboard.press("Control+k")
    query = board.get_by_role("combobox")
    expect(query).to_be_focused()
    query.fill("lxl")
    option = board.get_by_role("option", selected=True)
    expect(option).to_contain_text("李小龙")
    expect(board.get_by_role("link", name="Search all candidates for “lxl”")).to_be_visible()
    board.keyboard.press("Enter")
    expect(board.locator("#drawer-title")).to_have_text("李小龙")
    board.keyboard.press("Control+k")
    query.fill("check in")
    expect(board.get_by_role("option", selected=True)).to_contain_text("Check in")
    board.keyboard.press("Enter")
    expect(card(board, interview)).to_have_attribute("data-status", "arrived")
    expect(query).to_be_hidden()
    assert board.errors == []


def test_the_command_palette_goes_to_a_room_a_view_and_a_page(
    board: Page, interview: Interview, campaign: Campaign
) -> None:
    make_room(campaign=campaign, name="B-204")
    expect(board.locator("section.room h3")).to_have_count(2)
    board.keyboard.press("Control+k")
    board.get_by_role("combobox").fill("b-204")
    board.keyboard.press("Enter")
    expect(board.locator("section.room h3")).to_have_count(1)
    board.keyboard.press("Control+k")
    board.get_by_role("combobox").fill("list")
    board.keyboard.press("ArrowDown")
    board.keyboard.press("ArrowUp")
    board.keyboard.press("Enter")
    expect(board).to_have_url(re.compile("#list"))
    board.keyboard.press("Control+k")
    board.get_by_role("combobox").fill("wall scr")
    board.keyboard.press("Enter")
    board.wait_for_url("**/wall/**")


def test_a_coordinator_says_that_they_are_on_it_and_others_see_it(
    board: Page, interview: Interview, open_as: Open, admin: User
) -> None:
    other = open_as(admin, BOARD)
    expect_live(other)
    mine, theirs = (page.locator("[data-action-item=unconfirmed]") for page in (board, other))
    mine.locator(".follow-up-menu > summary").click()
    mine.get_by_role("button", name="I’m on it").click()
    expect(mine).to_contain_text("You are on it")
    expect(theirs).to_contain_text("林岚 is on it")
    theirs.locator(".follow-up-menu > summary").click()
    theirs.get_by_role("button", name="Put off for 30 min").click()
    for page in (board, other):
        expect(page.locator("#actions .count")).to_have_attribute("data-count", "0")
        expect(page.locator("#actions .later")).to_contain_text("Put off")
    other.locator("#actions .later summary").first.click()
    theirs.locator(".follow-up-menu > summary").click()
    theirs.get_by_role("button", name="Give it back").click()
    expect(board.locator("#actions .count")).to_have_attribute("data-count", "1")
    assert board.errors == other.errors == []


def test_what_is_wrong_with_tomorrow_is_apart_and_not_counted(
    open_as: Open, lin: User, room: Room, wu: User, noon: datetime
) -> None:
    named("王思远", room, noon + timedelta(days=1), [wu])
    page = open_as(lin, BOARD)
    expect_live(page)
    later = page.locator("#actions .later")
    expect(later).to_contain_text("Tomorrow")
    expect(page.locator("#actions .count")).to_have_attribute("data-count", "0")
    later.locator("summary").click()
    expect(later.locator("[data-action-item=unconfirmed]")).to_contain_text("王思远")


def test_a_missing_candidate_is_called_from_the_list_of_what_needs_action(
    board: Page, interview: Interview
) -> None:
    item = board.locator("[data-action-item=unconfirmed]")
    item.get_by_role("button", name="Contact").click()
    mobile = interview.application.candidate.mobile
    expect(item.get_by_role("link", name=mobile)).to_have_attribute("href", f"tel:{mobile}")
    assert AuditEntry.objects.filter(action="see_contacts").count() == 1


def test_after_escape_the_message_of_a_step_can_still_be_undone(
    board: Page, interview: Interview
) -> None:
    board.set_viewport_size(TABLET)
    card(board, interview).click()
    board.click("#drawer [data-action=check-in]")
    expect(board.locator("#drawer .toast.success")).to_be_visible()
    board.keyboard.press("Escape")
    expect(board.locator("#drawer")).to_have_js_property("open", False)
    board.locator(".toast.success").get_by_role("button", name="Undo").click()
    expect(card(board, interview)).to_have_attribute("data-status", "scheduled")
    assert status_of(interview) == "scheduled"
    assert board.errors == []


def test_after_escape_the_error_of_a_step_is_still_shown(board: Page, interview: Interview) -> None:
    board.set_viewport_size(TABLET)
    card(board, interview).click()
    board.route("**/check-in/", lambda route: route.abort())
    board.click("#drawer [data-action=check-in]")
    board.keyboard.press("Escape")
    error = board.locator(".toast.error")
    expect(error).to_contain_text("The server did not respond")
    assert error.evaluate("one => one.closest('[role=status]').parentElement.tagName") == "BODY"
    card(board, interview).click()
    expect(board.locator("#drawer .toast.error")).to_be_visible()
    board.locator(".toast.error [data-dismiss]").click()
    expect(error).to_have_count(0)
    assert status_of(interview) == "scheduled"


def test_the_error_of_somebody_who_is_signed_out_leads_to_sign_in_and_back_to_the_card(
    board: Page, interview: Interview, lin: User
) -> None:
    card(board, interview).click()
    address = board.url
    board.context.clear_cookies()
    board.click("#drawer [data-action=check-in]")
    error = board.locator(".toast.error")
    expect(error).to_contain_text("You are signed out. Sign in and try again.")
    error.get_by_role("link", name="Sign in").click()
    board.fill("#id_username", lin.username)
    board.fill("#id_password", PASSWORD)
    board.click("form button.primary")
    board.wait_for_url(address)
    expect(board.locator("#drawer [data-action=check-in]")).to_be_visible()
    assert status_of(interview) == "scheduled"


def test_a_candidate_who_is_missing_can_be_called_from_the_drawer(
    board: Page, interview: Interview, lin: User
) -> None:
    candidate = interview.application.candidate
    card(board, interview).click()
    contacts = board.locator("#drawer .contacts")
    assert candidate.mobile not in board.content(), "nobody sees it who has not asked"
    contacts.get_by_role("button", name="Show phone and e-mail").click()
    call = contacts.get_by_role("link", name=candidate.mobile)
    expect(call).to_have_attribute("href", f"tel:{candidate.mobile}")
    board.context.grant_permissions(["clipboard-read", "clipboard-write"])
    contacts.get_by_role("button", name=f"Copy {candidate.mobile}").click()
    expect(contacts.get_by_role("button", name=f"Copied {candidate.mobile}")).to_be_visible()
    assert board.evaluate("navigator.clipboard.readText()") == candidate.mobile
    expect(contacts).to_contain_text("吴磊")
    board.keyboard.press("Escape")
    card(board, interview).click()
    expect(contacts.get_by_role("button", name="Show phone and e-mail")).to_be_visible()
    assert candidate.mobile not in board.content(), "they are asked for again"
    entry = AuditEntry.objects.get(action="see_contacts")
    assert (entry.actor_id, entry.ids) == (lin.pk, [candidate.pk])
    assert board.errors == []


def test_three_steps_are_undone_one_after_the_other(board: Page, interview: Interview) -> None:
    """Also those of the same card, and a message of an undone step offers no second undo."""
    undo = board.locator(".toast").get_by_role("button", name="Undo")
    for key, status in [("c", "arrived"), ("s", "in_progress"), ("f", "feedback_due")]:
        take(board, interview, key, status)
        expect(undo).to_have_count(1)  # of the last step alone
    for status in ("in_progress", "arrived", "scheduled"):
        board.keyboard.press("z")
        expect(card(board, interview)).to_have_attribute("data-status", status)
        expect(undo).to_have_count(0)
    board.keyboard.press("z")
    expect(board.locator(".toast", has_text="You have nothing to undo")).to_be_visible()
    assert status_of(interview) == "scheduled"
    assert board.errors == []


def test_after_a_reload_steps_can_still_be_undone_one_after_the_other(
    board: Page, interview: Interview
) -> None:
    take(board, interview, "c", "arrived")
    take(board, interview, "s", "in_progress")
    board.reload()
    for status in ("arrived", "scheduled"):
        expect(card(board, interview)).to_be_visible()
        board.keyboard.press("z")
        expect(card(board, interview)).to_have_attribute("data-status", status)
    assert status_of(interview) == "scheduled"
    assert board.errors == []


def test_the_undo_of_an_arrival_names_the_interviewer_who_had_read_of_it(
    board: Page, interview: Interview, wu: User
) -> None:
    take(board, interview, "c", "arrived")
    services.notices_read(recipient=wu)
    board.keyboard.press("z")
    told = board.locator(".toast", has_text="undone. Already told: 吴磊.")
    expect(told).to_be_visible()
    assert status_of(interview) == "scheduled"


def test_a_step_that_somebody_has_followed_does_not_stop_the_undo_of_earlier_ones(
    board: Page, interview: Interview, campaign: Campaign, noon: datetime, zhao: User
) -> None:
    other = named("王思远", make_room(campaign=campaign), noon, [zhao])
    take(board, other, "c", "arrived")
    take(board, interview, "c", "arrived")
    act(interview, "start")
    expect(card(board, interview)).to_have_attribute("data-status", "in_progress")
    board.keyboard.press("z")
    expect(board.locator("#drawer .conflict")).to_be_visible()
    board.keyboard.press("Escape")
    board.keyboard.press("z")
    expect(card(board, other)).to_have_attribute("data-status", "scheduled")
    assert status_of(interview) == "in_progress", "somebody else's step stays"


def test_a_step_between_two_of_ones_own_is_never_undone_by_the_keyboard(
    board: Page, interview: Interview
) -> None:
    """Nor by a key that is held."""
    take(board, interview, "c", "arrived")
    act(interview, "start")
    expect(card(board, interview)).to_have_attribute("data-status", "in_progress")
    take(board, interview, "f", "feedback_due")
    for _held in range(3):
        board.keyboard.down("z")
    board.keyboard.up("z")
    expect(card(board, interview)).to_have_attribute("data-status", "in_progress")
    board.keyboard.press("z")
    expect(board.locator(".toast", has_text="You have nothing to undo")).to_have_count(1)
    assert status_of(interview) == "in_progress"
    assert board.errors == []


def test_an_undo_that_would_double_book_somebody_asks_for_a_reason(
    board: Page, interview: Interview, campaign: Campaign, wu: User
) -> None:
    card(board, interview).click()
    choose_action(board, "no-show")
    board.click("#drawer .sheet-form button.danger")
    expect(card(board, interview)).to_have_attribute("data-status", "no_show")
    named("王思远", make_room(campaign=campaign), interview.starts_at, [wu])
    board.click(".toast .button.small:not([data-dismiss])")
    form = board.locator("#drawer [data-form=undo]")
    expect(form.get_by_role("alert")).to_contain_text("吴磊 has another interview at that time.")
    form.locator("#form-override").fill("They sit next door")
    form.locator("button.primary").click()
    expect(card(board, interview)).to_have_attribute("data-status", "scheduled")
    assert status_of(interview) == "scheduled"
    assert board.errors == []


def test_the_board_can_be_used_with_the_keyboard_alone(board: Page, interview: Interview) -> None:
    board.keyboard.press("ArrowRight")
    expect(card(board, interview)).to_be_focused()
    board.keyboard.press("c")
    expect(card(board, interview)).to_have_attribute("data-status", "arrived")
    board.keyboard.press("s")
    expect(card(board, interview)).to_have_attribute("data-status", "in_progress")
    board.keyboard.press("z")
    expect(card(board, interview)).to_have_attribute("data-status", "arrived")
    board.keyboard.press("Enter")
    expect(board.locator("#drawer")).to_have_js_property("open", True)
    board.keyboard.press("Escape")
    expect(board.locator("#drawer")).to_have_js_property("open", False)
    expect(card(board, interview)).to_be_focused()
    board.keyboard.press("?")
    expect(board.locator("#help .keys")).to_be_visible()


def test_keys_pressed_while_an_answer_is_under_way_are_carried_out_in_their_order(
    board: Page, interview: Interview
) -> None:
    """The stream often brings the changed card before the request for it is answered."""
    held: list[tuple[Route, APIResponse]] = []
    board.route("**/api/**/interviews/*/*/", lambda route: held.append((route, route.fetch())))

    def answer() -> None:
        """The server may still be busy with its answer when the stream has brought the card."""
        while not held:
            board.wait_for_timeout(10)
        route, response = held.pop(0)
        route.fulfill(response=response)

    card(board, interview).focus()
    board.keyboard.press("c")
    expect(card(board, interview)).to_have_attribute("data-status", "arrived")
    board.keyboard.press("c")
    board.keyboard.press("s")
    assert len(held) == 1, "one action of a card is under way at a time"
    answer()
    expect(card(board, interview)).to_have_attribute("data-status", "in_progress")
    board.keyboard.press("z")
    answer()
    expect(card(board, interview)).to_have_attribute("data-status", "arrived")
    answer()
    assert held == [], "the same key twice is one request"
    assert board.errors == []


def test_the_search_finds_by_initials_and_its_letters_are_no_commands(
    board: Page, interview: Interview, noon: datetime, wu: User
) -> None:
    room = make_room(campaign=interview.campaign)
    other = named("王思远", room, noon + timedelta(hours=3), [wu])
    expect(card(board, other)).to_be_visible()
    board.keyboard.press("/")
    board.keyboard.type("wsy")
    expect(card(board, interview)).to_have_count(0)
    expect(card(board, other)).to_be_visible()
    assert status_of(other) == "scheduled", "typing in the search field triggers no action"
    board.keyboard.press("Escape")
    expect(card(board, interview)).to_be_visible()


def test_views_and_days_are_kept_in_the_address(
    open_as: Open, lin: User, interview: Interview, noon: datetime
) -> None:
    page = open_as(lin, f"{BOARD}#list")
    expect(page.locator(".list [role=row]")).to_have_count(2)
    page.click("[aria-label='Next day']")
    expect(page.locator("#view .empty")).to_be_visible()
    tomorrow = (noon + timedelta(days=1)).date().isoformat()
    expect(page).to_have_url(re.compile(rf"#list&day={tomorrow}$"))
    page.go_back()
    expect(page.locator(".list [role=row]")).to_have_count(2)
    page.click("#views >> text=Status")
    expect(page.locator(".column[data-status=scheduled] .tile")).to_have_count(1)
    expect(page).to_have_url(re.compile(r"#status$"))


def test_another_day_is_live_too_and_an_empty_one_leads_to_the_next_with_interviews(
    open_as: Open, lin: User, room: Room, noon: datetime, wu: User
) -> None:
    later = named("王思远", room, noon + timedelta(days=3), [wu])
    page = open_as(lin, f"{BOARD}#list", language="en")
    expect(page.locator("#view .empty")).to_be_visible()
    page.click("#view .empty button")
    expect(page).to_have_url(re.compile(rf"#list&day={(noon + timedelta(days=3)).date()}$"))
    row = page.locator(".list [role=row]", has_text="王思远")
    expect(row).to_be_visible()
    act(later, "confirm")
    expect(row).to_contain_text("Confirmed")


def test_a_card_moved_to_another_day_says_where_it_is_and_undo_brings_it_back(
    open_as: Open, lin: User, interview: Interview, noon: datetime
) -> None:
    page = open_as(lin, BOARD, language="en")
    expect_live(page)
    card(page, interview).click()
    page.click("#drawer [data-action=reschedule]")
    later = noon + timedelta(days=3)
    page.fill("#form-day", later.date().isoformat())
    page.fill("#form-reason", "The train is late")
    page.click("#drawer form .primary")
    title = page.locator("#drawer-title")
    expect(title).to_have_text(f"This interview is on {later:%a}, {later:%b} {later.day}.")
    page.click("#drawer >> text=Go to that day")
    expect(title).to_have_text("李小龙")
    expect(page).to_have_url(re.compile(rf"day={later.date()}&card={interview.pk}$"))
    page.locator(".toast >> text=Undo").first.click()
    expect(title).to_contain_text("This interview is on")
    page.click("#drawer .close")
    page.click("text=Today")
    expect(card(page, interview)).to_be_visible()


def test_a_day_after_the_last_interviews_leads_back_to_them(
    open_as: Open, lin: User, interview: Interview, noon: datetime
) -> None:
    day = (noon + timedelta(days=40)).date()
    page = open_as(lin, f"{BOARD}#list&day={day}", language="en")
    expect(page.locator("#view .empty")).to_contain_text("The last interviews before it are on")


def test_a_refused_reschedule_gives_its_reason_and_changes_nothing(
    board: Page, interview: Interview, room: Room, noon: datetime, zhao: User
) -> None:
    named("王思远", room, noon + timedelta(hours=3), [zhao])
    card(board, interview).click()
    board.click("#drawer [data-action=reschedule]")
    start = board.input_value("#form-start")
    board.fill("#form-start", f"{int(start[:2]) + 2:02}{start[2:]}")
    board.fill("#form-reason", "On request")
    expect(board.locator("#drawer .bad")).to_contain_text("王思远")
    board.click(".sheet-form button.primary")
    expect(board.locator(".sheet-form .error")).to_be_visible()
    assert Interview.objects.get(pk=interview.pk).starts_at == interview.starts_at


def test_a_card_is_dragged_to_another_room(
    board: Page, interview: Interview, campaign: Campaign
) -> None:
    other = make_room(campaign=campaign, name="B-201")
    target_room = board.locator(f".room-timeline[data-room='{other.pk}']")
    expect(target_room).to_be_visible()
    box, target = card(board, interview).bounding_box(), target_room.bounding_box()
    x = box["x"] + 20
    board.mouse.move(x, box["y"] + 20)
    board.mouse.down()
    board.mouse.move(x + 3, target["y"] + 30, steps=4)
    expect(target_room.locator(".ghost")).to_be_visible()
    board.mouse.up()
    board.click(".sheet-form button.primary")
    expect(board.locator(".toast.success")).to_be_visible()
    moved = Interview.objects.get(pk=interview.pk)
    assert (moved.room_id, moved.version) == (other.pk, interview.version + 1)


def test_a_drag_shows_every_conflict_before_the_drop_and_the_form_asks_for_a_reason(
    board: Page, interview: Interview, campaign: Campaign, noon: datetime, wu: User
) -> None:
    """At the same time Wu has another interview in B-201, and the candidate one elsewhere."""
    other = make_room(campaign=campaign, name="B-201")
    named("王思远", other, noon + timedelta(hours=4), [wu])
    application = make_application(candidate=interview.application.candidate)
    make_interview(application=application, starts_at=noon + timedelta(hours=4))
    timeline = board.locator(f".room-timeline[data-room='{other.pk}']")
    target = timeline.locator("[data-key]")
    expect(target).to_be_visible()
    box, there = card(board, interview).bounding_box(), target.bounding_box()
    board.mouse.move(box["x"] + 20, box["y"] + 20)
    board.mouse.down()
    board.mouse.move(there["x"] + 20, there["y"] + 20, steps=4)
    ghost = timeline.locator(".ghost")
    expect(ghost.locator("small")).to_have_count(3)
    expect(ghost).to_contain_text("Room taken: 王思远")
    expect(ghost).to_contain_text("The candidate has another interview")
    expect(ghost).to_contain_text("吴磊: another interview with 王思远")
    room = board.locator(f".room-timeline[data-room='{interview.room_id}']").bounding_box()
    board.mouse.move(there["x"] + 20, room["y"] + 20, steps=4)
    expect(board.locator(".ghost.warn small")).to_have_count(2)
    board.mouse.up()
    expect(board.locator(".sheet-form .bad")).to_have_count(2)
    board.fill("#form-override", "Both know about it")
    board.click(".sheet-form button.primary")
    expect(board.locator(".toast.success")).to_be_visible()
    moved = Interview.objects.get(pk=interview.pk)
    assert moved.events.last().reason == "Rescheduled on the board · Both know about it"
    expect(card(board, interview)).to_contain_text("Clash")


def test_after_a_concurrent_change_both_values_are_shown(
    board: Page, interview: Interview, running: Site, wu: User
) -> None:
    """The relay is stopped, so the page shows an older version than the database has."""
    running.process("relay").kill()
    services.interview_check_in(
        interview_id=interview.pk, version=interview.version, actor=Actor(user=wu, source="test")
    )
    card(board, interview).focus()
    board.keyboard.press("s")
    conflict = board.locator("#drawer .conflict")
    expect(conflict.locator("del")).to_have_text("Scheduled")
    expect(conflict.locator("ins")).to_have_text("Arrived")
    assert status_of(interview) == "arrived"
    conflict.get_by_role("button", name="Do it anyway").click()
    expect(board.locator(".toast.success")).to_be_visible()
    assert status_of(interview) == "in_progress"


@pytest.fixture
def late_room(
    board: Page, interview: Interview, room: Room, noon: datetime, zhao: User, campaign: Campaign
) -> Locator:
    """The entry of room A-301 under "Needs action".

    An interview that starts two hours late occupies the room beyond 李小龙's start, half an hour
    after noon.
    """
    late = named("王思远", room, noon - timedelta(hours=2), [zhao])
    for step in ("check_in", "start"):
        late = getattr(services, f"interview_{step}")(
            interview_id=late.pk, version=late.version, actor=Actor(user=zhao, source="test")
        )
    services.interview_reschedule(
        interview_id=interview.pk,
        version=interview.version,
        starts_at=noon + timedelta(minutes=30),
        ends_at=noon + timedelta(minutes=90),
        actor=Actor(user=zhao, source="test"),
    )
    zone = ZoneInfo(campaign.time_zone)
    half_past = (noon + timedelta(minutes=30)).astimezone(zone)
    unconfirmed = board.locator("[data-action-item=unconfirmed]")
    expect(unconfirmed).to_contain_text(f"{half_past:%H:%M}")  # the page has the new time
    need = board.locator("[data-action-item=room_late]")
    expect(need).to_contain_text("A-301")
    return need


def test_a_group_of_warnings_has_its_items_once_it_is_open(
    board: Page, campaign: Campaign, interview: Interview, noon: datetime
) -> None:
    for _ in range(4):
        make_interview(campaign=campaign, starts_at=interview.starts_at)
    group = board.locator(".action-group")
    items = group.locator("[data-action-item=unconfirmed]")
    expect(group.locator(".chip")).to_have_text("5")
    expect(items).to_have_count(0)
    group.locator("> summary").click()
    expect(items).to_have_count(5)
    act(interview, "confirm")
    expect(items).to_have_count(4)
    group.locator("> summary").click()
    expect(items).to_have_count(0)


def test_a_late_room_is_shifted_after_a_preview(
    board: Page, late_room: Locator, interview: Interview, noon: datetime
) -> None:
    late_room.locator("button.primary").click()
    expect(board.locator("#shift .moved li")).to_contain_text("李小龙")
    board.click("#shift .primary")
    expect(board.locator(".toast.success")).to_be_visible()
    shifted = Interview.objects.get(pk=interview.pk)
    assert shifted.starts_at > noon + timedelta(minutes=30)
    board.click(".toast .button.small:not([data-dismiss])")
    expect(board.locator(".toast")).to_contain_text("undone")
    assert Interview.objects.get(pk=interview.pk).starts_at == noon + timedelta(minutes=30)


def test_a_conflict_that_appears_after_the_preview_of_a_shift_asks_for_a_reason(
    board: Page, late_room: Locator, interview: Interview, noon: datetime
) -> None:
    late_room.locator("button.primary").click()
    expect(board.locator("#shift .moved li")).to_contain_text("李小龙")
    expect(board.locator("#shift-reason")).to_have_count(0)
    application = make_application(candidate=interview.application.candidate)
    make_interview(application=application, starts_at=noon + timedelta(hours=3))
    board.click("#shift .primary")
    text = "The candidate has another interview at that time."
    expect(board.locator("#shift .moved li")).to_contain_text(text)
    expect(board.locator("#shift [role=alert]")).to_contain_text(text)
    name, conflict = (board.locator(f"#shift .moved {one}").bounding_box() for one in ("b", "p"))
    assert name, "the name is shown"
    assert conflict, "and the conflict too"
    assert conflict["y"] >= name["y"] + name["height"], "the conflict squeezes the name"
    board.fill("#shift-reason", "Agreed with them")
    board.click("#shift .primary")
    expect(board.locator(".toast.success")).to_be_visible()
    assert Interview.objects.get(pk=interview.pk).starts_at > noon + timedelta(minutes=30)


def test_a_declined_interviewer_is_replaced_by_the_best_suggestion(
    board: Page, interview: Interview, wu: User, zhao: User
) -> None:
    services.interview_decline(
        interview_id=interview.pk,
        version=interview.version,
        reason="Production incident",
        actor=Actor(user=wu, source="test"),
    )
    need = board.locator("[data-action-item=declined]")
    expect(need).to_contain_text("Production incident")
    need.get_by_role("button", name="Swap in 赵敏").click()
    expect(need).to_have_count(0)
    parts = Interview.objects.get(pk=interview.pk).assignments.all()
    assert [part.interviewer for part in parts] == [zhao]


def test_a_missing_interviewer_is_replaced_only_after_the_form_is_sent(
    board: Page, interview: Interview, wu: User, zhao: User
) -> None:
    """They may have come a moment ago: the button must not take the interview from them."""
    for name in ("check_in", "report_missing"):
        interview = getattr(services, f"interview_{name}")(
            interview_id=interview.pk,
            version=interview.version,
            actor=Actor(user=None, source="test"),
        )
    need = board.locator("[data-action-item=interviewer_missing]")
    need.get_by_role("button", name="Swap in 赵敏").click()
    form = board.locator("#drawer [data-form=reassign]")
    expect(form.get_by_role("checkbox", name="赵敏")).to_be_checked()
    expect(form.get_by_role("checkbox", name="吴磊")).to_be_checked()
    parts = interview.assignments.all()
    assert [part.interviewer for part in parts] == [wu]
    assert Interview.objects.get(pk=interview.pk).version == interview.version
    form.locator("button.primary").click()
    expect(need).to_have_count(0)
    assert [part.interviewer for part in interview.assignments.all()] == [zhao]


def test_the_wall_shows_no_full_names(open_as: Open, lin: User, interview: Interview) -> None:
    wall = open_as(lin, f"{BOARD}wall/", viewport={"width": 1920, "height": 1080})
    expect(wall.locator(".wall-room .next")).to_contain_text("李**")
    expect_live(wall)
    assert "李小龙" not in wall.content()
    assert wall.errors == []
