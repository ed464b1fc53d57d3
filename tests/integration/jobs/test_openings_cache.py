"""The public pages are cached, and never show a closed opening."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.cache import cache
from django.core.cache.backends.redis import RedisCache
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from jobs.models import Campaign, Job
from jobs.openings.cache import OPENINGS
from realtime import versioned_cache
from realtime.circuit_breaker import CircuitBreaker
from tests.factories import make_job

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _caching(settings: Settings) -> Iterator[None]:
    settings.CACHE_PAGES = True
    cache.delete(OPENINGS.version_key)
    yield
    cache.delete(OPENINGS.version_key)


def queries(client: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200
    return len(captured)


def opening(campaign: Campaign, title: str = "Engineer") -> Job:
    return make_job(campaign=campaign, title=title, is_published=True)


def test_a_cached_page_needs_no_query(client: Client, campaign: Campaign) -> None:
    job = opening(campaign)
    for path in ("/joblist/", f"/job/{job.pk}/", "/joblist/?kind=full_time&page=1"):
        assert queries(client, path) > 0, "the premise"
        assert queries(client, path) == 0


def test_changes_of_openings_are_shown_at_once(client: Client, campaign: Campaign) -> None:
    def text() -> str:
        return client.get("/joblist/").content.decode()

    assert "Engineer" not in text()
    job = opening(campaign)
    assert "Engineer" in text()
    job.title = "Analyst"
    job.save()
    assert "Analyst" in text()
    Job.objects.filter(pk=job.pk).update(is_published=False)
    assert "Analyst" not in text()
    assert client.get(f"/job/{job.pk}/").status_code == 404
    Job.objects.filter(pk=job.pk).update(is_published=True)
    campaign.is_open = False
    campaign.save()
    assert "Analyst" not in text()
    campaign.is_open = True
    campaign.save()
    job.delete()
    assert "Analyst" not in text()


def test_a_rolled_back_change_does_not_invalidate_the_cache(
    client: Client, campaign: Campaign
) -> None:
    opening(campaign)
    client.get("/joblist/")
    with transaction.atomic():
        opening(campaign, title="Never")
        transaction.set_rollback(True)
    assert queries(client, "/joblist/") == 0
    assert "Never" not in client.get("/joblist/").content.decode()


def test_searches_and_invalid_page_numbers_are_not_cached(
    client: Client, campaign: Campaign
) -> None:
    opening(campaign)
    first = queries(client, "/joblist/?q=engineer")
    assert queries(client, "/joblist/?q=engineer") > 0
    assert queries(client, "/joblist/?page=99999999") > 0
    assert first > 0


def test_the_pages_work_without_redis(
    client: Client,
    campaign: Campaign,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(OPENINGS, "_breaker", CircuitBreaker(60.0))
    unreachable = RedisCache(f"unix://{tmp_path}/nobody.sock", {})
    monkeypatch.setattr(versioned_cache, "cache", unreachable)
    opening(campaign)
    assert "Engineer" in client.get("/joblist/").content.decode()


def test_nothing_is_cached_if_the_cache_is_disabled(
    client: Client, campaign: Campaign, settings: Settings
) -> None:
    settings.CACHE_PAGES = False
    opening(campaign)
    assert queries(client, "/joblist/") == queries(client, "/joblist/") > 0
