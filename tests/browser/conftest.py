"""Real browsers in front of the product's real processes."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Page,
    Playwright,
    expect,
    sync_playwright,
)

from jobs.models import Campaign
from realtime import site_identity
from tests.browser.profiles import Profiles
from tests.people import signed_in
from tests.support.external.chromium import ARGUMENTS, MISSING, executable
from tests.support.product.processes import Site
from tests.support.product.settings import overridden_by
from tests.support.traffic.generator import number_pending
from tests.support.wait import until

LIVE = ("web", "relay")
DESK = {"width": 1440, "height": 900}
LOCALE = {"en": "en-GB", "zh-hans": "zh-CN"}
HERE = Path(__file__).parent
AXE = HERE / "vendor" / "axe-core" / "axe.min.js"
# axe-core must not measure the colours of a text that is still fading in.
SETTLED = """() => Promise.all(document.getAnimations()
    .filter((one) => one.effect.getComputedTiming().endTime !== Infinity)
    .map((one) => one.finished.catch(() => {})))"""

Open = Callable[..., Page]

expect.set_options(timeout=30_000)  # generous, for a busy machine; shorter limits are explicit


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Runs the tests of this folder in one worker: they share a browser and a site.

    Two browsers would slow each other down, and everything else with them.
    """
    for item in items:
        if item.path.parent == HERE:
            item.add_marker(pytest.mark.xdist_group("browser"))


@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    """Runs Playwright, whose event loop lives in this thread; none of our async code runs in it."""
    if executable() is None:
        pytest.skip(MISSING)
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as running:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        yield running


def start(playwright: Playwright) -> Browser:
    return playwright.chromium.launch(executable_path=executable(), args=ARGUMENTS)


@pytest.fixture(scope="package")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """One browser process for all tests."""
    browser = start(playwright)
    yield browser
    browser.close()


@pytest.fixture(scope="package")
def profiles(browser: Browser) -> Profiles:
    return Profiles(browser)


@pytest.fixture
def launch(playwright: Playwright) -> Iterator[Callable[[], Browser]]:
    """Returns a function that starts another browser process at each call."""
    browsers: list[Browser] = []

    def launch() -> Browser:
        browsers.append(start(playwright))
        return browsers[-1]

    yield launch
    for browser in browsers:
        browser.close()


@pytest.fixture(scope="package")
def lasting_site(django_db_setup: None, collected: Path) -> Iterator[Site]:
    """A site whose static files a browser fetches once per profile, as in production.

    Playwright runs an event loop in the thread of the tests, and nobody may ask the database for
    the identity of the site from one. So another thread asks first.
    """
    with ThreadPoolExecutor(1) as thread:
        thread.submit(site_identity.site_id).result()
    with Site(STATIC_DIR=str(collected), **overridden_by("hashed_static_files")) as site:
        yield site


@pytest.fixture
def running(lasting_site: Site, transactional_db: None) -> Iterator[Site]:
    """A site with web and relay, which live pages need.

    A test may stop them, restart them and add others: the next test gets exactly these two again.
    """
    lasting_site.ensure_running(*LIVE)
    yield lasting_site
    lasting_site.keep_only(*LIVE)
    wait_until_idle(lasting_site)


def wait_until_idle(site: Site) -> None:
    """Waits until no socket is open and no change pending.

    Otherwise the next test could see rows of this one, or their deletion would meet locks.
    """
    alive = {process.name for process in site.running}
    if "web" in alive:
        until(lambda: not site.sockets_open())
    if "relay" in alive:
        until(lambda: not number_pending())


@pytest.fixture
def open_as(browser: Browser, profiles: Profiles, running: Site) -> Iterator[Open]:
    """Opens a page as one person: `open_as(lin, "/board/autumn/", language="en")`.

    Without a person (None) it is opened by a new visitor. The session comes from the login page,
    but not through the browser, which would load two more pages for each test; signing in by hand
    is in test_keyboard_input.py.
    browser: another one, see launch. scripts: run in each of its pages before our own scripts.
    """
    contexts: list[BrowserContext] = []

    def open_as(
        person: User | None,
        path: str,
        *,
        browser: Browser | None = None,
        language: str = "en",
        scripts: Sequence[str] = (),
        **options: Any,
    ) -> Page:
        options = {"viewport": DESK, "locale": LOCALE[language]} | options
        if browser or scripts:
            contexts.append(context := (browser or own).new_context(**options))
        else:
            context = profiles.take(options)
        for script in scripts:
            context.add_init_script(script)
        if person:
            context.add_cookies(session_cookies(person, LOCALE[language], running.url))
        page = context.new_page()
        record_errors(page)
        page.goto(running.url + path)
        return page

    own = browser
    yield open_as
    for context in contexts:
        context.close()
    profiles.give_back(running.url)


def session_cookies(person: User, locale: str, url: str) -> list[Any]:
    """Signs in with the login page of this process; returns the cookies for the site at `url`."""
    cookies = signed_in(Client(HTTP_ACCEPT_LANGUAGE=locale), person).cookies.values()
    return [{"name": one.key, "value": one.value, "url": url} for one in cookies]


def record_errors(page: Page) -> None:
    """Collects failed scripts and violations of the content policy in `page.errors`."""
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on(
        "console",
        lambda line: errors.append(line.text) if "Content Security Policy" in line.text else None,
    )
    page.errors = errors  # type: ignore[attr-defined]


def expect_live(page: Page, **options: Any) -> None:
    expect_state(page, "live", **options)


def expect_state(page: Page, state: str, **options: Any) -> None:
    """Waits until the page's connection status is this one."""
    light = page.locator(".live[data-state]").first
    expect(light).to_have_attribute("data-state", state, **options)


@pytest.fixture
def noon(campaign: Campaign) -> datetime:
    """Moves the campaign to a time zone where it is about noon, so that no day ends in a test."""
    now = datetime.now(UTC)
    east = 12 - now.hour
    campaign.time_zone = f"Etc/GMT{-east:+d}" if east else "Etc/GMT"
    campaign.save()
    return now.replace(second=0, microsecond=0) - timedelta(minutes=now.minute % 5)


def violations(page: Page) -> list[str]:
    """Returns the accessibility problems that axe-core finds on the page."""
    page.evaluate(SETTLED)
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text())
    # With `preload` axe would copy imported style sheets into a <style>, which our content policy
    # refuses. Only its rule on a locked screen orientation needs that.
    found = page.evaluate("axe.run(document, {resultTypes: ['violations'], preload: false})")
    return [
        f"{one['id']} ({one['impact']}): {node['html'][:160]} {node['failureSummary'][:200]}"
        for one in found["violations"]
        for node in one["nodes"]
    ]
