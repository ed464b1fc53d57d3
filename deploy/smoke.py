"""Smoke test of a deployed site: `python -m deploy.smoke https://recruit.example.com`.

Requests pages like an anonymous browser, and changes nothing. Prints a line per check; the exit
code is 1 if one fails.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from urllib.parse import urljoin

import httpx
from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.sync.client import connect

TIMEOUT_SECONDS = 10.0
SIGNED_OUT = 4501  # close code for a client that has not signed in
STYLE_SHEET = re.compile(r'<link rel="stylesheet" href="([^"]+)"')


class CheckFailed(Exception):
    """A check failed. The message says what was found instead."""


def process_is_alive(site: httpx.Client) -> None:
    """A web process responds."""
    _expect(site.get("/healthz"), 200)


def sign_in_page_is_protected(site: httpx.Client) -> None:
    """The sign-in page is shown, with a strict Content-Security-Policy."""
    page = _expect(site.get("/accounts/login/"), 200)
    policy = page.headers.get("content-security-policy", "")
    if "default-src" not in policy or "unsafe-" in policy:
        raise CheckFailed("The policy is not strict.")


def style_sheets_are_cacheable(site: httpx.Client) -> None:
    """Style sheets are served under hashed names that browsers can cache."""
    page = site.get("/accounts/login/")
    found = STYLE_SHEET.search(page.text)
    if found is None:
        raise CheckFailed("The page links no style sheet.")
    sheet = _expect(site.get(urljoin(str(page.url), found[1])), 200)
    if "immutable" not in sheet.headers.get("cache-control", ""):
        raise CheckFailed("They are not marked as immutable.")


def openings_are_public(site: httpx.Client) -> None:
    """Openings are public, and the database works."""
    _expect(site.get("/joblist/"), 200)


def board_is_private(site: httpx.Client) -> None:
    """The board redirects to the sign-in page."""
    if "/accounts/login/" not in _expect(site.get("/board/"), 302).headers["location"]:
        raise CheckFailed("It redirects elsewhere.")


def metrics_are_private(site: httpx.Client) -> None:
    """Metrics are not public."""
    if site.get("/metrics").is_success:
        raise CheckFailed("Anybody can read them.")


def websockets_are_reachable(site: httpx.Client) -> None:
    """WebSockets reach the application, which closes them for anonymous clients."""
    origin = str(site.base_url).rstrip("/")
    address = "ws" + origin.removeprefix("http") + "/ws/me/"
    try:
        with connect(address, origin=origin, open_timeout=TIMEOUT_SECONDS) as socket:  # type: ignore[arg-type]
            socket.send('{"type":"hello","epoch":null,"position":null}')
            while True:
                socket.recv(timeout=TIMEOUT_SECONDS)
    except ConnectionClosed as closed:
        code = closed.rcvd.code if closed.rcvd else None
        if code != SIGNED_OUT:
            raise CheckFailed(f"The close code was {code}, not {SIGNED_OUT}.") from None


CHECKS: tuple[Callable[[httpx.Client], None], ...] = (
    process_is_alive,
    sign_in_page_is_protected,
    style_sheets_are_cacheable,
    openings_are_public,
    board_is_private,
    metrics_are_private,
    websockets_are_reachable,
)


def failures(address: str) -> list[str]:
    """Run all checks and print the results; return a line per failed check."""
    failed = []
    with httpx.Client(base_url=address, timeout=TIMEOUT_SECONDS) as site:
        for check in CHECKS:
            title = str(check.__doc__).splitlines()[0]
            try:
                check(site)
            except (CheckFailed, httpx.HTTPError, WebSocketException, OSError) as error:
                failed.append(f"{title} {error or type(error).__name__}")
                print(f"FAILED  {failed[-1]}")  # noqa: T201 its output
            else:
                print(f"ok      {title}")  # noqa: T201 its output
    return failed


def _expect(response: httpx.Response, status: int) -> httpx.Response:
    if response.status_code != status:
        path = response.request.url.path
        raise CheckFailed(f"{path} answered {response.status_code}, not {status}.")
    return response


if __name__ == "__main__":
    sys.exit(1 if failures(sys.argv[1].rstrip("/")) else 0)
