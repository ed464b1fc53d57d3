"""Web processes share their rate limits, and trust only their proxies for client addresses."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from django.contrib.auth.models import User

from tests.people import PASSWORD
from tests.support.product.processes import Site

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]


def statuses(urls: list[str], addresses: list[str]) -> Counter[int]:
    """Sends 200 requests at once, spread over the processes; counts the statuses."""

    def ask(number: int) -> int:
        said = {"X-Forwarded-For": addresses[number % len(addresses)]}
        return clients.get(urls[number % len(urls)], headers=said).status_code

    with httpx.Client(timeout=60) as clients, ThreadPoolExecutor(24) as threads:
        return Counter(threads.map(ask, range(200)))


def two_processes(site: Site, **settings: str) -> list[str]:
    """Starts two web processes that share only their servers; returns their addresses."""
    urls = []
    for _ in range(2):
        site.port = 0
        site.start("web", **settings)
        urls.append(site.url)
    return urls


def test_two_processes_together_let_exactly_the_limit_of_requests_through(site: Site) -> None:
    limits = {"RATE_LIMITS": "search=60/hour", "TRUSTED_PROXIES": "127.0.0.1/32"}
    urls = [f"{url}/joblist/?q=engineer" for url in two_processes(site, **limits)]
    assert statuses(urls, ["203.0.113.9", "192.0.2.1, 203.0.113.9"]) == {200: 60, 429: 140}
    assert statuses(urls[:1], [f"203.0.113.{n}" for n in range(100, 200)]) == {200: 200}


def sign_in(url: str, password: str) -> int:
    with httpx.Client(base_url=url, timeout=60) as browser:
        browser.get("/accounts/login/")
        secret = browser.cookies["csrftoken"]
        entries = {"username": "lin", "password": password, "csrfmiddlewaretoken": secret}
        return browser.post("/accounts/login/", data=entries).status_code


def test_failed_sign_ins_at_one_process_lock_the_account_at_all(site: Site, lin: User) -> None:
    one, other = two_processes(site, SIGN_IN_FAILURES="4", SIGN_IN_LOCK_MINUTES="5")
    assert [sign_in(url, "guess") for url in (one, other, one)] == [200, 200, 200]
    assert [sign_in(url, PASSWORD) for url in (other, one)] == [302, 302], "not yet"
    assert [sign_in(url, "guess") for url in (one, other, one, other)] == [200, 200, 200, 429]
    assert [sign_in(url, PASSWORD) for url in (one, other)] == [429, 429]
