"""Conditions that browsers meet: hidden tabs, sleeping computers, wrong clocks, site updates."""

from __future__ import annotations

import os
import re
import signal
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Page

from interview import services
from interview.models import Interview
from interview.services.transitions import Actor
from tests.support.product.processes import Site

HOUR_MS = 3_600_000

# A headless browser never hides a page, so this script imitates it: no animation frames, and the
# events that a hidden page receives.
CAN_BE_HIDDEN = """(() => {
  let isHidden = false;
  let waiting = [];
  const frame = window.requestAnimationFrame.bind(window);
  window.requestAnimationFrame = (paint) => (isHidden ? waiting.push(paint) : frame(paint));
  Object.defineProperty(document, "hidden", { get: () => isHidden });
  const state = () => (isHidden ? "hidden" : "visible");
  Object.defineProperty(document, "visibilityState", { get: state });
  window.hideTab = (hide) => {
    isHidden = hide;
    if (!hide) waiting.splice(0).forEach((paint) => frame(paint));
    document.dispatchEvent(new Event("visibilitychange"));
  };
})()"""

# The computer's clock as a page reads it. `setClockBy` changes it while the page is open.
CLOCK_IS_WRONG = """(() => {
  const Right = Date;
  let wrongBy = %d;
  window.setClockBy = (milliseconds) => (wrongBy = milliseconds);
  window.Date = class Date extends Right {
    constructor(...given) {
      super(...(given.length ? given : [Right.now() + wrongBy]));
    }
    static now() {
      return Right.now() + wrongBy;
    }
  };
})()"""

# Removes every random delay that spreads load, and makes every page look an hour old.
SPREADS_NOTHING = """(() => {
  Math.random = () => 0;
  const stopWatch = performance.now.bind(performance);
  performance.now = () => stopWatch() + 3_600_000;
})()"""

# The site as a page sees it: after `updateSite` its sockets close, and the next ones announce a
# newer protocol. A page that is loaded afterwards belongs to that protocol.
SITE_CAN_BE_UPDATED = """(() => {
  const sockets = [];
  let isNewer = false;
  const spoken = (text) => {
    const frame = JSON.parse(text);
    if (isNewer && frame.type === "welcome") frame.protocol += 1;
    return JSON.stringify(frame);
  };
  window.WebSocket = class extends WebSocket {
    constructor(...given) {
      super(...given);
      sockets.push(this);
    }
    set onmessage(heard) {
      super.onmessage = (event) => heard({ data: spoken(event.data) });
    }
  };
  window.updateSite = () => {
    isNewer = true;
    sockets.splice(0).forEach((socket) => socket.close());
  };
})()"""

# Full jitter is a share of the pause; with this value every pause between two attempts takes hours.
NEVER_RETRIES_BY_ITSELF = "Math.random = () => 50_000"


def act(interview: Interview, service: str, **said: Any) -> None:
    """Takes a step of an interview on the server, as another machine would."""
    fresh = Interview.objects.get(pk=interview.pk)
    getattr(services, f"interview_{service}")(
        interview_id=fresh.pk,
        version=fresh.version,
        actor=Actor(user=None, source="test"),
        **said,
    )


@contextmanager
def asleep(browser: Browser) -> Iterator[None]:
    """Suspends every process of the browser, as if its computer slept."""
    session = browser.new_browser_cdp_session()
    found = session.send("SystemInfo.getProcessInfo")["processInfo"]
    pids = [process["id"] for process in found]
    try:
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        yield
    finally:
        for pid in reversed(pids):
            os.kill(pid, signal.SIGCONT)
    session.detach()


def metric(site: Site, name: str, **labels: str) -> float:
    """Returns a metric of the site's web process, or 0 if it does not have that sample yet."""
    with urllib.request.urlopen(f"{site.url}/metrics") as answer:
        text = answer.read().decode()
    pairs = ",".join(f'{key}="{value}"' for key, value in labels.items())
    found = re.search(rf"^{re.escape(f'{name}{{{pairs}}}')} (\S+)$", text, re.MULTILINE)
    return float(found[1]) if found else 0.0


def sockets_opened(page: Page) -> list[str]:
    """Returns a list that collects the address of every socket the page opens from now on."""
    opened: list[str] = []
    page.on("websocket", lambda socket: opened.append(socket.url))
    return opened
