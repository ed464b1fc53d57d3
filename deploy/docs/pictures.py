"""Take the pictures of the documents from the demo data: `python deploy/docs/pictures.py URL`.

Start `make run` first and give its address, best by day: the day shown is today. Pictures go to
deploy/docs/images.
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
class Picture:
    """person: who has signed in, or nobody. press: clicked before. ready: what must show."""

    person: str
    address: str
    size: tuple[int, int] = DESK
    colours: str = "light"
    language: str = "en"
    press: str = ""
    ready: str = "main"


PICTURES = {
    "board-light": Picture("lin", BOARD, ready=LIVE),
    "board-dark": Picture("lin", BOARD, colours="dark", language="zh-Hans", ready=LIVE),
    "board-status": Picture("lin", BOARD, press="button:text-is('Status')", ready=LIVE),
    "wall": Picture("lin", f"{BOARD}wall/", WALL, "dark", "zh-Hans"),
    "me-phone": Picture("wu", "/me/", PHONE, language="zh-Hans", ready=LIVE),
    "candidates": Picture("lin", "/candidates/"),
    "import": Picture("lin", "/imports/"),
    "applications": Picture("lin", "/applications/"),
    "tasks": Picture("lin", "/tasks/"),
    "audit": Picture("lin", "/audit/"),
    "analytics": Picture("lin", "/analytics/"),
    "settings": Picture("wu", "/me/settings/"),
    "ops": Picture("chen", "/ops/", colours="dark"),
    "openings": Picture("", "/joblist/"),
    "apply-phone": Picture("", "/joblist/", PHONE, press="a[href^='/job/'] >> nth=0"),
}


def sign_in(page: Page, site: str, person: str) -> None:
    page.goto(f"{site}/accounts/login/")
    page.fill("[name=username]", person)
    page.fill("[name=password]", os.environ.get("DEMO_PASSWORD", "recruit-demo"))
    page.press("[name=password]", "Enter")
    page.wait_for_url(lambda address: "login" not in address)


def take(browser: Browser, site: str, name: str, wanted: Picture) -> None:
    width, height = wanted.size
    manners: dict[str, Any] = {"color_scheme": wanted.colours, "locale": wanted.language}
    context = browser.new_context(
        viewport={"width": width, "height": height}, timezone_id="Asia/Shanghai", **manners
    )
    page = context.new_page()
    if wanted.person:
        sign_in(page, site, wanted.person)
        page.locator(f"button[name=language][lang={wanted.language}]").first.click()
    page.goto(site + wanted.address)
    if wanted.press:
        page.locator(wanted.press).click()
    page.locator(wanted.ready).first.wait_for()
    page.wait_for_timeout(1500)  # fonts and the first paint; a picture, not a test
    page.screenshot(path=IMAGES / f"{name}.png")
    context.close()


def main(site: str) -> None:
    IMAGES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        for name, wanted in PICTURES.items():
            take(browser, site, name, wanted)
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1].rstrip("/"))
