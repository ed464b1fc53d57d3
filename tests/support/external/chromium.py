"""Finds the browser for the tests: the system's Chromium, or the one Playwright downloads."""

import shutil
import subprocess
from functools import cache
from pathlib import Path

from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
MISSING = "Chromium is missing: apt-get install chromium, or brew install chromium"


@cache  # Playwright cannot be asked again while it drives a browser
def executable() -> str | None:
    """Returns the path of a browser that starts, or None."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found:
        return found
    with sync_playwright() as playwright:
        downloaded = playwright.chromium.executable_path
    return downloaded if _starts(downloaded) else None


def _starts(path: str) -> bool:
    """False if the browser is missing or lacks system libraries."""
    if not Path(path).exists():
        return False
    return subprocess.run([path, "--version"], capture_output=True, check=False).returncode == 0
