"""Each cache read is counted once, by outcome."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client
from pytest_django import Settings
from redis.exceptions import RedisError

from jobs.models import Campaign
from jobs.openings.cache import OPENINGS
from realtime.circuit_breaker import CircuitBreaker
from realtime.hub.admission import TicketHolder
from realtime.sockets import tickets
from tests.factories import make_job
from tests.support.contracts.metrics_in_process import Scrape, scraped

pytestmark = pytest.mark.django_db

ORIGIN = "https://recruit.example"


@pytest.fixture(autouse=True)
def _caching(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.CACHE_PAGES = True
    monkeypatch.setattr(OPENINGS, "_breaker", CircuitBreaker(60.0))
    cache.delete(OPENINGS.version_key)  # invalidates all earlier values


@pytest.fixture
def _redis_is_away(settings: Settings) -> None:
    nowhere = settings.CACHES["default"] | {"LOCATION": "redis://127.0.0.1:1"}
    settings.CACHES = {"default": nowhere}


def since(before: Scrape, name: str) -> dict[str, float]:
    """Number of reads of this cache, by outcome."""
    change = scraped().since(before)
    outcomes = {
        outcome: change.of("recruit_cache_requests_total", cache=name, outcome=outcome)
        for outcome in ("hit", "miss", "error")
    }
    return {outcome: number for outcome, number in outcomes.items() if number}


def test_a_public_page_is_a_miss_first_and_a_hit_afterwards(
    client: Client, campaign: Campaign
) -> None:
    job = make_job(campaign=campaign, is_published=True)
    before = scraped()
    client.get(f"/job/{job.pk}/")
    assert since(before, "openings") == {"miss": 2}, "the opening, and the others of its campaign"
    client.get(f"/job/{job.pk}/")
    assert since(before, "openings") == {"miss": 2, "hit": 2}


def test_a_ticket_is_a_hit_only_once(lin: User) -> None:
    before = scraped()
    ticket = tickets.issue_ticket(TicketHolder.of(lin), ORIGIN)
    holder = tickets.redeem_ticket(ticket, ORIGIN)
    assert holder is not None
    assert holder.user_id == lin.pk
    assert since(before, "tickets") == {"hit": 1}
    assert tickets.redeem_ticket(ticket, ORIGIN) is None
    assert since(before, "tickets") == {"hit": 1, "miss": 1}


@pytest.mark.usefixtures("_redis_is_away")
def test_without_redis_every_read_counts_as_an_error(client: Client, campaign: Campaign) -> None:
    job = make_job(campaign=campaign, is_published=True)
    before = scraped()
    for _ in range(2):  # the second time the circuit breaker is open
        client.get(f"/job/{job.pk}/")
    with pytest.raises(RedisError):
        tickets.redeem_ticket("any", ORIGIN)
    assert since(before, "openings") == {"error": 4}
    assert since(before, "tickets") == {"error": 1}
