"""Takes the screenshots of the documents: `python deploy/docs/pictures.py http://127.0.0.1:8000`.

Start `make run` first and pass its address. Run it during the day, because the board shows today.
The files are written to deploy/docs/images.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

IMAGES = Path(__file__).parent / "images"
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
OPTIONS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
DESK, PHONE, WALL = (1440, 900), (390, 844), (1600, 900)
LIVE = ".live[data-state=live]"
BOARD = "/board/autumn-2026/"


@dataclass(frozen=True)
class Screenshot:
    """A page to capture.

    person  user name that signs in; empty: nobody
    press   selector of an element to click first
    ready   selector of an element that must be visible before
    """

    person: str
    address: str
    size: tuple[int, int] = DESK
    colours: str = "light"
    language: str = "en"
    press: str = ""
    ready: str = "main"


SCREENSHOTS = {
    "board-light": Screenshot("lin", BOARD, ready=LIVE),
    "board-dark": Screenshot("lin", BOARD, colours="dark", language="zh-Hans", ready=LIVE),
    "board-status": Screenshot("lin", BOARD, press="button:text-is('Status')", ready=LIVE),
    "wall": Screenshot("lin", f"{BOARD}wall/", WALL, "dark", "zh-Hans"),
    "me-phone": Screenshot("wu", "/me/", PHONE, language="zh-Hans", ready=LIVE),
    "candidates": Screenshot("lin", "/candidates/"),
    "import": Screenshot("lin", "/imports/"),
    "applications": Screenshot("lin", "/applications/"),
    "tasks": Screenshot("lin", "/tasks/"),
    "audit": Screenshot("lin", "/audit/"),
    "analytics": Screenshot("lin", "/analytics/"),
    "settings": Screenshot("wu", "/me/settings/"),
    "ops": Screenshot("chen", "/ops/", colours="dark"),
    "openings": Screenshot("", "/joblist/"),
    "apply-phone": Screenshot("", "/joblist/", PHONE, press="a[href^='/job/'] >> nth=0"),
}


def sign_in(page: Page, site: str, person: str) -> None:
    page.goto(f"{site}/accounts/login/")
    page.fill("[name=username]", person)
    page.fill("[name=password]", os.environ.get("DEMO_PASSWORD", "recruit-demo"))
    page.press("[name=password]", "Enter")
    page.wait_for_url(lambda address: "login" not in address)


def take(browser: Browser, site: str, name: str, screenshot: Screenshot) -> None:
    width, height = screenshot.size
    options: dict[str, Any] = {"color_scheme": screenshot.colours, "locale": screenshot.language}
    context = browser.new_context(
        viewport={"width": width, "height": height}, timezone_id="Asia/Shanghai", **options
    )
    page = context.new_page()
    if screenshot.person:
        sign_in(page, site, screenshot.person)
        page.locator(f"button[name=language][lang={screenshot.language}]").first.click()
    page.goto(site + screenshot.address)
    if screenshot.press:
        page.locator(screenshot.press).click()
    page.locator(screenshot.ready).first.wait_for()
    page.wait_for_timeout(1500)  # for fonts and the first paint
    page.screenshot(path=IMAGES / f"{name}.png")
    context.close()


def main(site: str) -> None:
    IMAGES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        for name, screenshot in SCREENSHOTS.items():
            take(browser, site, name, screenshot)
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1].rstrip("/"))
