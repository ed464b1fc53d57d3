"""A whole interview day: every process of the product, a simulated day, and people with browsers
who open and reload pages and upload files.
"""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import httpx
import pytest
from django.contrib.auth.models import User
from playwright.async_api import Browser, Page, async_playwright

from interview.demo import loader
from interview.demo.campaigns import AUTUMN_SLUG
from interview.models import Robot
from jobs.imports import queue, runs
from jobs.models import Campaign
from jobs.models.imports import ImportRun
from realtime.background.periodic.sync import sync_schedule
from realtime.database import run_in_db_thread
from tests.people import PASSWORD
from tests.support.contracts.metrics_http import address
from tests.support.external.chromium import ARGUMENTS, MISSING, executable
from tests.support.external.fake_dingtalk import FakeDingtalk
from tests.support.external.prometheus import TOKEN
from tests.support.product.processes import MANAGE, Running, Site, environment

SPEED = "300"  # times real time: five steps a second
PAGES = {  # the pages that each person has open
    "lin": (f"/board/{AUTUMN_SLUG}/", f"/board/{AUTUMN_SLUG}/wall/", "/candidates/"),
    "wu": ("/",),
    "chen": ("/tasks/",),
}


class Day:
    """A simulated day of the demo campaign. targets: the metrics addresses of its processes.

    speed: times real time; env: further settings of all processes.
    """

    def __init__(
        self, site: Site, dingtalk: FakeDingtalk, *, speed: str = SPEED, **env: str
    ) -> None:
        loader.load(password=PASSWORD)
        Robot.objects.create(name="autumn", campaign=Campaign.objects.get(slug=AUTUMN_SLUG))
        sync_schedule()
        self.site = site
        self.env = (
            dingtalk.environment
            | {
                "METRICS_TOKEN": TOKEN,
                "METRICS_PORT": "0",
                "CACHE_PAGES": "yes",
                "RATE_LIMITS": "sign_in=1000/min",
            }
            | env
        )
        self.targets = self._start()
        self._speed = speed
        self.player = self._play()
        self._numbers = itertools.count(1)

    def _play(self) -> Running:
        play = [*MANAGE, "simulate_day", "--speed", self._speed]
        player = Running("day", play, environment() | self.env)
        self.site.running.append(player)
        return player

    def keep_playing(self) -> None:
        """Plays on if the player has ended, because a server was away."""
        if not self.player.is_alive():
            self.player = self._play()

    def _start(self) -> dict[str, str]:
        """Starts every process of the product; returns their metrics addresses."""
        self.site.start("web", **self.env)
        web = urlsplit(self.site.url).netloc
        others = {
            name: urlsplit(address(self.site.start(name, **self.env))).netloc
            for name in ("relay", "worker", "beat")
        }
        return {"web": web, "site": web} | others

    async def go_on(self, pages: list[Page]) -> None:
        """Reloads every page, visits public pages as a stranger, and imports a file."""
        for page in pages:
            await page.reload()
        async with httpx.AsyncClient(base_url=self.site.url) as stranger:
            for path in ("/jobs/", "/jobs/", "/api/v1/jobs/", "/nowhere/"):
                await stranger.get(path)
        await run_in_db_thread(self._import_people)

    def _import_people(self) -> None:
        """Imports a new candidate, an existing one, and one with an invalid number."""
        number = next(self._numbers)
        lines = ("姓名,手机", f"新人,1890000{number:04d}", "旧人,18900003333", "坏人,12")
        lin = User.objects.get(username="lin")
        run = runs.import_run_create(
            content="\n".join(lines).encode(),
            file_name="people.csv",
            campaign=Campaign.objects.get(slug=AUTUMN_SLUG),
            owner=lin,
        )
        queue.import_run_start(run=run, rows=ImportRun.Rows.VALID, by=lin)


@asynccontextmanager
async def browsing(day: Day) -> AsyncIterator[list[Page]]:
    """Yields the pages that people have open in a browser."""
    if executable() is None:
        pytest.skip(MISSING)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable(), args=ARGUMENTS)
        yield [
            page
            for username, paths in PAGES.items()
            for page in await _opened(browser, day.site.url, username, paths)
        ]
        await browser.close()


async def _opened(browser: Browser, url: str, username: str, paths: tuple[str, ...]) -> list[Page]:
    """Signs the person in and opens these pages."""
    context = await browser.new_context()
    page = await context.new_page()
    await page.goto(f"{url}/accounts/login/?next=/joblist/")
    await page.fill("#id_username", username)
    await page.fill("#id_password", PASSWORD)
    await page.click("form button.primary")
    await page.wait_for_url("**/joblist/")
    pages = [page, *[await context.new_page() for _ in paths[1:]]]
    for one, path in zip(pages, paths, strict=True):
        await one.goto(url + path)
    return pages
