"""Hidden tabs, sleeping computers, lost networks, wrong clocks: the page ends up correct, and shows
its connection status meanwhile.
"""

import re
import time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Browser, Page, expect

from interview.models import Interview, Room
from jobs.models import Campaign
from tests.browser.conftest import Open, expect_live, expect_state
from tests.factories import make_application, make_candidate, make_interview, make_room
from tests.support.clients.browser_faults import (
    CAN_BE_HIDDEN,
    CLOCK_IS_WRONG,
    HOUR_MS,
    NEVER_RETRIES_BY_ITSELF,
    act,
    asleep,
    metric,
    sockets_opened,
)
from tests.support.product.processes import Site
from tests.support.wait import until

pytestmark = [
    pytest.mark.browser,
    pytest.mark.processes,
    pytest.mark.django_db(transaction=True),
]

BOARD = "/board/autumn/"
TOLD_WITHIN_SECONDS = 10.0
PAINT = "recruit_commit_to_paint_seconds"
VIEWS = {"list": ".list", "status": ".columns", "rooms": ".grid"}
# The texts of each card in a view, in the order of the keys.
CARDS = """() => [...document.querySelectorAll("#view [data-key]")]
    .map((one) => [one.dataset.key, (one.closest("[role=row]") ?? one).innerText])
    .sort()"""


@pytest.fixture
def room(campaign: Campaign) -> Room:
    return make_room(campaign=campaign, name="A-301")


@pytest.fixture
def day(room: Room, noon: datetime, wu: User) -> list[Interview]:
    """Three interviews of Wu's, the first in about half an hour, then one every hour."""
    return [booked(room, wu, noon + timedelta(minutes=35 + 60 * number)) for number in range(3)]


def booked(room: Room, interviewer: User, starts_at: datetime) -> Interview:
    return make_interview(
        room=room,
        application=make_application(campaign=room.campaign, candidate=make_candidate()),
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=50),
        interviewers=[interviewer],
    )


def a_morning_of_changes(day: list[Interview], room: Room, interviewer: User) -> None:
    """Changes, cancels and adds cards."""
    for step in ("confirm", "check_in", "start", "finish"):
        act(day[0], step)
    act(day[1], "cancel", reason="No longer wanted", side="company")
    act(day[2], "check_in")
    booked(room, interviewer, day[2].starts_at + timedelta(hours=1))


def of_card(page: Page, interview: Interview, status: str) -> None:
    card = page.locator(f"#view [data-key='interview:{interview.pk}']")
    expect(card).to_have_attribute("data-status", status)


def painted(site: Site) -> tuple[float, float]:
    """Returns how many changes were painted on boards, and the sum of their delays in seconds."""
    return (
        metric(site, f"{PAINT}_count", consumer="board"),
        metric(site, f"{PAINT}_sum", consumer="board"),
    )


def expect_same_as_fresh_page(page: Page) -> None:
    """In every view each card shows once, as on a page that is opened now."""
    fresh = page.context.new_page()
    fresh.goto(page.url)
    expect_live(fresh)
    for view, container in VIEWS.items():
        for one in (page, fresh):
            one.evaluate("view => { location.hash = view }", view)
            expect(one.locator(f"#view > {container}")).to_be_visible()
        until(lambda: page.evaluate(CARDS) == fresh.evaluate(CARDS))
        keys = [key for key, _ in page.evaluate(CARDS)]
        assert keys, "no card: this proves nothing"
        assert len(keys) == len(set(keys)), f"{view} shows a card twice"
    fresh.close()


def test_a_hidden_tab_is_correct_when_shown_and_its_pause_is_not_a_delay(
    open_as: Open, running: Site, lin: User, wu: User, day: list[Interview], room: Room
) -> None:
    """A hidden tab paints nothing: only changes that arrive while it is visible are measured."""
    page = open_as(lin, BOARD, scripts=[CAN_BE_HIDDEN])
    expect_live(page)
    page.evaluate("hideTab(true)")
    received = {"consumer": "board", "kind": "ack"}
    before = metric(running, "recruit_ws_frames_received_total", **received)
    count, seconds = painted(running)
    a_morning_of_changes(day, room, wu)
    of_card(page, day[2], "arrived")
    until(lambda: metric(running, "recruit_ws_frames_received_total", **received) > before)
    assert painted(running) == (count, seconds)
    page.evaluate("hideTab(false)")
    expect_same_as_fresh_page(page)
    act(day[2], "start")
    of_card(page, day[2], "in_progress")
    until(lambda: painted(running)[0] > count)
    assert painted(running)[1] - seconds < HOUR_MS / 1000
    assert page.errors == []


def test_a_tab_that_becomes_visible_reconnects_at_once(
    open_as: Open, running: Site, lin: User, wu: User, day: list[Interview], room: Room
) -> None:
    """Its own next attempt would be hours away."""
    page = open_as(lin, BOARD, scripts=[CAN_BE_HIDDEN, NEVER_RETRIES_BY_ITSELF])
    expect_live(page)
    running.process("web").kill()
    expect_state(page, "offline")
    page.evaluate("hideTab(true)")
    a_morning_of_changes(day, room, wu)
    running.start("web")
    opened = sockets_opened(page)
    page.evaluate("hideTab(false)")
    of_card(page, day[2], "arrived")
    expect_state(page, "live")
    assert len([one for one in opened if "/ws/board/" in one and "presence=no" not in one]) == 1
    expect_same_as_fresh_page(page)


def test_a_lost_network_is_shown_and_its_return_reconnects_at_once(
    open_as: Open, lin: User, wu: User, day: list[Interview], room: Room
) -> None:
    page = open_as(lin, BOARD, scripts=[NEVER_RETRIES_BY_ITSELF])
    expect_live(page)
    page.context.set_offline(True)
    expect_state(page, "offline")
    expect(page.locator(".live").first).to_contain_text(
        re.compile(r"Offline since \d\d:\d\d; what you see may be old")
    )
    a_morning_of_changes(day, room, wu)
    of_card(page, day[2], "scheduled")
    page.context.set_offline(False)
    of_card(page, day[2], "arrived")
    expect_state(page, "live")
    expect_same_as_fresh_page(page)


STALLED = {
    "en": re.compile(r"Updates stopped at \d\d:\d\d; what you see may be old"),
    "zh-hans": re.compile(r"\d\d:\d\d起停止更新，内容可能不是最新"),
}


@pytest.mark.parametrize("language", STALLED)
def test_every_live_page_tells_within_ten_seconds_that_the_relay_hangs(
    open_as: Open, running: Site, admin: User, campaign: Campaign, language: str
) -> None:
    """Nothing changes meanwhile: a page cannot know it from a change that does not come."""
    paths = (BOARD, f"{BOARD}wall/", "/me/", "/tasks/")
    pages = [open_as(admin, path, language=language) for path in paths]
    for page in pages:
        expect_live(page)
    with running.process("relay").suspended():
        ends = time.monotonic() + TOLD_WITHIN_SECONDS
        for page in pages:
            left = max(ends - time.monotonic(), 0) * 1000
            light = page.locator(".live[data-state=stalled]").first
            expect(light).to_contain_text(STALLED[language], timeout=left + 1)
        late = open_as(admin, BOARD, language=language)
        expect_state(late, "stalled")
    for page in (*pages, late):
        expect_live(page)
        assert page.errors == []


def test_a_laptop_that_slept_until_its_socket_was_closed_catches_up(
    open_as: Open,
    browser: Browser,
    running: Site,
    lin: User,
    wu: User,
    day: list[Interview],
    room: Room,
) -> None:
    running.process("web").terminate()
    running.start("web", SOCKET_PING_SECONDS="1")
    page = open_as(lin, BOARD)
    expect_live(page)
    today_and_tomorrow = 2
    until(
        lambda: metric(running, "recruit_ws_sockets_open", consumer="board") == today_and_tomorrow
    )
    with asleep(browser):
        until(lambda: metric(running, "recruit_ws_sockets_open", consumer="board") == 0)
        a_morning_of_changes(day, room, wu)
    of_card(page, day[2], "arrived")
    expect_state(page, "live")
    until(
        lambda: metric(running, "recruit_ws_sockets_open", consumer="board") == today_and_tomorrow
    )
    expect_same_as_fresh_page(page)


@pytest.fixture
def clock_times(campaign: Campaign, noon: datetime) -> re.Pattern[str]:
    """Matches the times that a correct clock shows while this test runs."""
    now = datetime.now(UTC).astimezone(ZoneInfo(campaign.time_zone))
    minutes = [now + timedelta(minutes=number) for number in range(-1, 20)]
    return re.compile("|".join(f"{minute:%H:%M}" for minute in minutes))


def test_a_clock_that_is_an_hour_wrong_changes_no_displayed_time(
    open_as: Open,
    running: Site,
    lin: User,
    wu: User,
    zhao: User,
    day: list[Interview],
    room: Room,
    noon: datetime,
    clock_times: re.Pattern[str],
) -> None:
    """An hour ahead from the start, then set back by two hours while the page is open."""
    booked(make_room(campaign=room.campaign), zhao, noon - timedelta(minutes=25))
    clock = CLOCK_IS_WRONG % HOUR_MS
    board = open_as(lin, BOARD, scripts=[clock])
    mine = open_as(wu, "/me/", scripts=[clock])
    wall = open_as(lin, f"{BOARD}wall/", scripts=[clock])
    screens = (board, mine, wall)
    for page in screens:
        expect_live(page)
    expect_correct_times(*screens, clock_times)
    opened = [sockets_opened(page) for page in screens]
    for page in screens:
        page.evaluate("by => setClockBy(by)", -HOUR_MS)
        is_off = page.evaluate("Date.now() - performance.timeOrigin - performance.now()")
        assert is_off < -HOUR_MS / 2, "the clock was not set: this proves nothing"
    for page, sockets in zip(screens, opened, strict=True):
        until(lambda page=page, sockets=sockets: page.title() and sockets)
        expect_state(page, "live")
    expect_correct_times(*screens, clock_times)
    count, seconds = painted(running)
    act(day[2], "check_in")
    of_card(board, day[2], "arrived")
    until(lambda: painted(running)[0] > count)
    assert painted(running)[1] - seconds < HOUR_MS / 1000


def expect_correct_times(board: Page, mine: Page, wall: Page, clock: re.Pattern[str]) -> None:
    expect(board.locator(".now-time")).to_have_text(clock)
    expect(board.locator("[data-action-item=candidate_missing] .age")).to_have_text(
        re.compile(r"^\d+ min$")
    )
    expect(mine.locator(".next .count")).to_have_text(re.compile(r"in \d+ minutes"))
    expect(wall.locator("#clock")).to_have_text(clock)
