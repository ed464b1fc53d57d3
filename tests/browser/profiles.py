"""Browser profiles that tests use one after the other.

A new profile fetches and compiles every static file again: most of the time that a page takes to
open. So a profile keeps its cache from test to test, and loses everything else.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from playwright.sync_api import Browser, BrowserContext

STORED = "cookies,file_systems,indexeddb,local_storage,service_workers,cache_storage"


class Profiles:
    """The profiles of one browser, by their options (language, viewport, colour scheme)."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._free: dict[str, list[BrowserContext]] = defaultdict(list)
        self._used: list[tuple[str, BrowserContext]] = []

    def take(self, options: dict[str, Any]) -> BrowserContext:
        """Returns an empty profile with these options that no page is open in."""
        kind = repr(sorted(options.items()))
        free = self._free[kind]
        context = free.pop() if free else self._browser.new_context(**options)
        self._used.append((kind, context))
        return context

    def give_back(self, origin: str) -> None:
        """Closes all pages and empties the profiles in use of what this site has stored there."""
        for kind, context in self._used:
            _empty(context, origin)
            self._free[kind].append(context)
        self._used.clear()


def _empty(context: BrowserContext, origin: str) -> None:
    context.set_offline(False)
    context.unroute_all()
    context.clear_permissions()
    last = context.new_page()  # storage is emptied through a page, after the others are closed
    for page in context.pages:
        if page is not last:
            page.close()
    client = context.new_cdp_session(last)
    client.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": STORED})
    context.clear_cookies()
    last.close()
