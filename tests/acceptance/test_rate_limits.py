"""Web processes count together, and believe nobody but their proxies."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.support.processes import Site

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]


def statuses(urls: list[str], addresses: list[str]) -> Counter[int]:
    """What each request was answered, spread over the processes, all at once."""

    def ask(number: int) -> int:
        said = {"X-Forwarded-For": addresses[number % len(addresses)]}
        return clients.get(urls[number % len(urls)], headers=said).status_code

    with httpx.Client(timeout=60) as clients, ThreadPoolExecutor(24) as threads:
        return Counter(threads.map(ask, range(200)))


def test_of_two_hundred_over_two_processes_exactly_sixty_are_let_through(site: Site) -> None:
    urls = []
    for _ in range(2):
        site.port = 0
        site.start("web", RATE_LIMITS="search=60/hour", TRUSTED_PROXIES="127.0.0.1/32")
        urls.append(f"{site.url}/joblist/?q=engineer")
    assert statuses(urls, ["203.0.113.9", "192.0.2.1, 203.0.113.9"]) == {200: 60, 429: 140}
    assert statuses(urls[:1], [f"203.0.113.{n}" for n in range(100, 200)]) == {200: 200}
