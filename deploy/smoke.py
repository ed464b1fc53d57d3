"""Is this site alive, whole and closed to strangers? `python -m deploy.smoke https://…`

What a stranger can see is asked from outside, as a browser would, and nothing is changed. Each
claim is a line; the exit code is 1 if one does not hold.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from urllib.parse import urljoin

import httpx
from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.sync.client import connect

ANSWER_SECONDS = 10.0
SIGNED_OUT = 4501  # how a socket ends whose reader has not signed in
SHEET = re.compile(r'<link rel="stylesheet" href="([^"]+)"')


class Broken(Exception):
    """A claim does not hold; the message says what was found instead."""


def process_is_alive(site: httpx.Client) -> None:
    """A web process answers."""
    _expect(site.get("/healthz"), 200)


def sign_in_is_offered(site: httpx.Client) -> None:
    """People can sign in, by a page that lets no foreign script run."""
    page = _expect(site.get("/accounts/login/"), 200)
    policy = page.headers.get("content-security-policy", "")
    if "default-src" not in policy or "unsafe-" in policy:
        raise Broken("its content policy is not strict")


def looks_are_served(site: httpx.Client) -> None:
    """Style sheets are there, by names that change with what is in them."""
    page = site.get("/accounts/login/")
    found = SHEET.search(page.text)
    if found is None:
        raise Broken("the page names no style sheet")
    sheet = _expect(site.get(urljoin(str(page.url), found[1])), 200)
    if "immutable" not in sheet.headers.get("cache-control", ""):
        raise Broken("they may be kept for a moment only")


def openings_are_public(site: httpx.Client) -> None:
    """Visitors read the openings: the database answers."""
    _expect(site.get("/joblist/"), 200)


def board_is_private(site: httpx.Client) -> None:
    """Whoever has not signed in is asked to."""
    if "/accounts/login/" not in _expect(site.get("/board/"), 302).headers["location"]:
        raise Broken("it leads somewhere else")


def operations_are_private(site: httpx.Client) -> None:
    """Metrics are not for the world."""
    if site.get("/metrics").is_success:
        raise Broken("anybody may read them")


def sockets_open(site: httpx.Client) -> None:
    """WebSockets come through to the product, which turns a stranger away in its own words."""
    origin = str(site.base_url).rstrip("/")
    address = "ws" + origin.removeprefix("http") + "/ws/me/"
    try:
        with connect(address, origin=origin, open_timeout=ANSWER_SECONDS) as socket:  # type: ignore[arg-type]
            socket.send('{"type":"hello","epoch":null,"position":null}')
            while True:
                socket.recv(timeout=ANSWER_SECONDS)
    except ConnectionClosed as closed:
        code = closed.rcvd.code if closed.rcvd else None
        if code != SIGNED_OUT:
            raise Broken(f"closed by {code}, not {SIGNED_OUT}") from None


CLAIMS: tuple[Callable[[httpx.Client], None], ...] = (
    process_is_alive,
    sign_in_is_offered,
    looks_are_served,
    openings_are_public,
    board_is_private,
    operations_are_private,
    sockets_open,
)


def faults(address: str) -> list[str]:
    """The claims that do not hold, each with what was found; all of them are tried."""
    found = []
    with httpx.Client(base_url=address, timeout=ANSWER_SECONDS) as site:
        for claim in CLAIMS:
            said = str(claim.__doc__).splitlines()[0]
            try:
                claim(site)
            except (Broken, httpx.HTTPError, WebSocketException, OSError) as fault:
                found.append(f"{said} {fault or type(fault).__name__}")
                print(f"FAILED  {said} {fault or type(fault).__name__}")  # noqa: T201 its output
            else:
                print(f"ok      {said}")  # noqa: T201 its output
    return found


def _expect(answer: httpx.Response, status: int) -> httpx.Response:
    if answer.status_code != status:
        raise Broken(f"{answer.request.url.path} answered {answer.status_code}, not {status}")
    return answer


if __name__ == "__main__":
    sys.exit(1 if faults(sys.argv[1].rstrip("/")) else 0)
