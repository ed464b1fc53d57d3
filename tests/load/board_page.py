"""The board's page in Chromium with five hundred cards: when they are shown and can be used.

A page can be used once all cards have been painted and the last task over 50 ms, during which no
key is answered, has ended: the definition of the Long Tasks API. Both times count from the start of
the navigation, so they include the server's answer, the scripts and the snapshot.
"""

from __future__ import annotations

import os
import statistics
import tempfile
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.load.processes import Ground, Server
from tests.load.rounds import say
from tests.load.table import Line, milliseconds, spread
from tests.load.watched_board import Board
from tests.support.external.chromium import ARGUMENTS, MISSING, executable
from tests.support.external.programs import path_of
from tests.support.product.static_files import collect

CARDS = 500
VISITS = 5
TARGET_MS = 1000.0
QUIET_MS = 1000
WINDOW_MS = 4000
OBSERVE = """
window.seen = { shownAt: null, busyUntil: 0 };
new PerformanceObserver((list) => {
  for (const task of list.getEntries())
    window.seen.busyUntil = Math.max(window.seen.busyUntil, task.startTime + task.duration);
}).observe({ type: "longtask", buffered: true });
new MutationObserver((_, observer) => {
  if (document.querySelectorAll("#view [data-key^='interview:']").length < CARDS) return;
  observer.disconnect();
  requestAnimationFrame(() => setTimeout(() => { window.seen.shownAt = performance.now(); }));
}).observe(document, { childList: true, subtree: true });
"""
IS_QUIET = """(quiet) => seen.shownAt !== null
    && performance.now() - Math.max(seen.shownAt, seen.busyUntil) > quiet"""


@dataclass(frozen=True, slots=True)
class Visit:
    """Milliseconds from the start of the navigation."""

    shown_ms: float
    usable_ms: float


def run(ground: Ground) -> list[Line]:
    """Measures first visits, with an empty cache, and later ones of the same browser."""
    if executable() is None:
        return [Line(what=f"Board's page with {CARDS} cards", ours=MISSING)]
    board = Board(cards=CARDS, people=1)
    with tempfile.TemporaryDirectory() as static, sync_playwright() as playwright:
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright runs a loop here
        collect(Path(static), bundler=path_of("esbuild") or "")
        with ground.web(STATIC_DIR=static) as server, ground.relay():
            browser = playwright.chromium.launch(executable_path=executable(), args=ARGUMENTS)
            _first_visit(browser, server, board)  # templates and modules load for the first one
            first = [_first_visit(browser, server, board) for _ in range(VISITS)]
            later = _later_visits(browser, server, board)
            browser.close()
    return [_line("first visits", first), _line("later visits", later)]


def _first_visit(browser: Browser, server: Server, board: Board) -> Visit:
    with _signed_in(browser, server, board) as context:
        return _visit(_window(context), server, board)


def _later_visits(browser: Browser, server: Server, board: Board) -> list[Visit]:
    with _signed_in(browser, server, board) as context:
        page = _window(context)
        _visit(page, server, board)
        return [_visit(page, server, board) for _ in range(VISITS)]


def _window(context: BrowserContext) -> Page:
    """Opens an empty window. Chromium then loads pages of its own, which would be measured too."""
    page = context.new_page()
    page.wait_for_timeout(WINDOW_MS)
    return page


def _signed_in(browser: Browser, server: Server, board: Board) -> BrowserContext:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    name, _, session = board.cookies[0].split("; ")[1].partition("=")
    address = server.origin.replace("http", "https", 1)  # else a cookie of `__Host-` is refused
    cookie = {"name": name, "value": session, "url": address, "secure": True}
    context.add_cookies([cookie])  # type: ignore[list-item]  # a TypedDict of Playwright
    context.add_init_script(OBSERVE.replace("CARDS", str(CARDS)))
    return context


def _visit(page: Page, server: Server, board: Board) -> Visit:
    say("board's page: a visit")
    page.goto("about:blank")
    page.goto(f"{server.origin}/board/{board.slug}/", wait_until="commit")
    page.wait_for_function(IS_QUIET, arg=QUIET_MS)
    seen = page.evaluate("seen")
    return Visit(seen["shownAt"], max(seen["shownAt"], seen["busyUntil"]))


def _line(which: str, visits: list[Visit]) -> Line:
    usable = [one.usable_ms for one in visits]
    return Line(
        what=f"Board's page with {CARDS} cards in Chromium, {which}: until it can be used",
        ours=spread(usable, "ms") + f"; shown after {spread([v.shown_ms for v in visits], 'ms')}",
        p99=milliseconds(usable),
        target=f"≤ {TARGET_MS:.0f} ms",
        met=statistics.median(usable) <= TARGET_MS,
    )
