"""Names of browsers for people to recognise, from the User-Agent header."""

from __future__ import annotations

import re

# In order: Edge and Opera also contain "Chrome", and Chrome also contains "Safari".
BROWSERS = (
    ("DingTalk", "DingTalk"),
    ("WeChat", "MicroMessenger"),
    ("Edge", r"Edg\w*/"),
    ("Opera", r"OPR/"),
    ("Firefox", r"Firefox/|FxiOS/"),
    ("Chrome", r"Chrome/|CriOS/|Chromium/"),
    ("Safari", r"Safari/"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("HarmonyOS", "HarmonyOS|OpenHarmony"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("macOS", "Macintosh|Mac OS X"),
    ("Linux", "Linux|X11"),
)


def browser_name(user_agent: str) -> str:
    """Browser and system, as in "Firefox · Windows"; "" if neither is known."""
    found = (_first(names, user_agent) for names in (BROWSERS, SYSTEMS))
    return " · ".join(filter(None, found))


def _first(names: tuple[tuple[str, str], ...], user_agent: str) -> str:
    return next((name for name, pattern in names if re.search(pattern, user_agent)), "")
