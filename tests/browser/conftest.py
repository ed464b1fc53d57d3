"""Real browsers in front of the product's real processes."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Browser, Page, Playwright, expect, sync_playwright

from jobs.models import Campaign
from tests.people import PASSWORD
from tests.support.chromium import ADVICE, executable
from tests.support.processes import Site

ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
DESK = {"width": 1440, "height": 900}
LOCALE = {"en": "en-GB", "zh-hans": "zh-CN"}
AXE = Path(__file__).parent / "vendor" / "axe-core" / "axe.min.js"
# Half faded in, a text has not the colour that it will be read in.
SETTLED = """() => Promise.all(document.getAnimations()
    .filter((one) => one.effect.getComputedTiming().endTime !== Infinity)
    .map((one) => one.finished.catch(() => {})))"""

Open = Callable[..., Page]

expect.set_options(timeout=30_000)  # of a busy machine; what is meant to be quicker says so


@pytest.fixture
def playwright(monkeypatch: pytest.MonkeyPatch) -> Iterator[Playwright]:
    """Playwright keeps an event loop in this thread, in which nothing of ours runs."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    if executable() is None:
        pytest.fail(ADVICE, pytrace=False)
    with sync_playwright() as running:
        yield running


@pytest.fixture
def launch(playwright: Playwright) -> Iterator[Callable[[], Browser]]:
    """Another browser, a process of its own, at each call."""
    browsers: list[Browser] = []

    def launch() -> Browser:
        browsers.append(playwright.chromium.launch(executable_path=executable(), args=ARGUMENTS))
        return browsers[-1]

    yield launch
    for browser in browsers:
        browser.close()


@pytest.fixture
def browser(launch: Callable[[], Browser]) -> Browser:
    return launch()


@pytest.fixture
def running(site: Site) -> Site:
    """The site with what live pages need: web and relay."""
    site.start("web")
    site.start("relay")
    return site


@pytest.fixture
def open_as(browser: Browser, running: Site) -> Open:
    """A page as one person sees it: `open_as(lin, "/board/autumn/", language="en")`.

    scripts: what each of its pages runs before any script of ours.
    """

    def open_as(
        person: User,
        path: str,
        *,
        browser: Browser = browser,
        language: str = "en",
        scripts: Sequence[str] = (),
        **options: Any,
    ) -> Page:
        context = browser.new_context(**({"viewport": DESK, "locale": LOCALE[language]} | options))
        for script in scripts:
            context.add_init_script(script)
        page = context.new_page()
        complain_of_errors(page)
        page.goto(f"{running.url}/accounts/login/?next=/joblist/")
        page.fill("#id_username", person.username)
        page.fill("#id_password", PASSWORD)
        page.click("form button.primary")
        page.wait_for_url("**/joblist/")
        page.goto(running.url + path)
        return page

    return open_as


def complain_of_errors(page: Page) -> None:
    """A script that fails, or that the content policy stops, fails the test that drives it."""
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on(
        "console",
        lambda said: errors.append(said.text) if "Content Security Policy" in said.text else None,
    )
    page.errors = errors  # type: ignore[attr-defined]


def expect_live(page: Page, **options: Any) -> None:
    expect_state(page, "live", **options)


def expect_state(page: Page, state: str, **options: Any) -> None:
    """What the light says of the connection."""
    light = page.locator(".live[data-state]").first
    expect(light).to_have_attribute("data-state", state, **options)


@pytest.fixture
def noon(campaign: Campaign) -> datetime:
    """Now, the campaign having moved to where it is about noon: its day does not end in a test."""
    now = datetime.now(UTC)
    east = 12 - now.hour
    campaign.time_zone = f"Etc/GMT{-east:+d}" if east else "Etc/GMT"
    campaign.save()
    return now.replace(second=0, microsecond=0) - timedelta(minutes=now.minute % 5)


def violations(page: Page) -> list[str]:
    """What axe-core finds wrong with the page for people who cannot see, hear or point well."""
    page.evaluate(SETTLED)
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{one['id']} ({one['impact']}): {node['html'][:160]} {node['failureSummary'][:200]}"
        for one in found["violations"]
        for node in one["nodes"]
    ]
