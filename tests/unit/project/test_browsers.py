"""Browsers are named for people to recognise."""

from __future__ import annotations

import pytest

from project.accounts.browsers import browser_name

WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64)"
CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15"


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (f"{WINDOWS} {CHROME}", "Chrome · Windows"),
        (f"{WINDOWS} {CHROME} Edg/140.0.0.0", "Edge · Windows"),
        (
            "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
            "Firefox · Linux",
        ),
        (f"{PHONE} (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1", "Safari · iPhone"),
        (f"{PHONE} (KHTML, like Gecko) CriOS/140.0 Mobile/15E148 Safari/604.1", "Chrome · iPhone"),
        (f"{PHONE} Mobile/15E148 MicroMessenger/8.0.60", "WeChat · iPhone"),
        ("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 DingTalk/8.0.0", "DingTalk · Android"),
        ("curl/8.14.1", ""),
        ("", ""),
        ("Windows" * 10_000, "Windows"),
    ],
)
def test_a_browser_is_named_with_its_system(user_agent: str, name: str) -> None:
    assert browser_name(user_agent) == name
