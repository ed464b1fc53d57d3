"""Take the pictures of the documents from the demo data: `python deploy/docs/pictures.py URL`.

Start `make run` (or `make demo`) first and give its address. Pictures go to deploy/docs/images.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

IMAGES = Path(__file__).parent / "images"
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
OPTIONS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
DESK, PHONE, WALL = (1440, 900), (390, 844), (1600, 900)

# picture: person, address, size, colours, language, what shows that the page is ready
PICTURES = {
    "board-light": ("lin", "/board/autumn-2026/", DESK, "light", "en", ".live[data-state=live]"),
    "board-dark": ("lin", "/board/autumn-2026/", DESK, "dark", "zh-Hans", ".live[data-state=live]"),
    "me-phone": ("wu", "/me/", PHONE, "light", "zh-Hans", ".live[data-state=live]"),
    "wall": ("lin", "/board/autumn-2026/wall/", WALL, "dark", "zh-Hans", "main"),
    "import": ("lin", "/imports/", DESK, "light", "en", "main"),
}


def sign_in(page: Page, site: str, person: str) -> None:
    page.goto(f"{site}/accounts/login/")
    page.fill("[name=username]", person)
    page.fill("[name=password]", os.environ.get("DEMO_PASSWORD", "recruit-demo"))
    page.press("[name=password]", "Enter")
    page.wait_for_url(lambda address: "login" not in address)


def main(site: str) -> None:
    IMAGES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        for name, (person, address, size, colours, language, ready) in PICTURES.items():
            context = browser.new_context(
                viewport={"width": size[0], "height": size[1]},
                color_scheme=colours,  # type: ignore[arg-type]
                locale=language,
                timezone_id="Asia/Shanghai",
            )
            page = context.new_page()
            sign_in(page, site, person)
            page.locator(f"button[name=language][lang={language}]").first.click()
            page.goto(site + address)
            page.locator(ready).first.wait_for()
            page.wait_for_timeout(1500)  # fonts and the first paint; a picture, not a test
            page.screenshot(path=IMAGES / f"{name}.png")
            context.close()
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1].rstrip("/"))
