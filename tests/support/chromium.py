"""The browser that the browser tests drive: the system's Chromium, else Playwright's own."""

import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ADVICE = "Chromium is missing: install it (apt-get install chromium, brew install chromium)."


@cache  # Playwright cannot be asked again once it drives a browser
def executable() -> str | None:
    """Path of a browser that can be driven, if there is one."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found:
        return found
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    return own if Path(own).exists() else None


def main() -> None:
    """See that there is a browser: find one, fetch one, or say what to install."""
    if executable():
        return
    print("Fetching Chromium …")  # noqa: T201 a program's output
    subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)
    executable.cache_clear()
    if not executable():
        sys.exit(ADVICE)


if __name__ == "__main__":
    main()
