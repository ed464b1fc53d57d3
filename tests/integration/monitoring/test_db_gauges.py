"""Gauges of the whole site are read on each scrape; one that fails hides no other."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Semaphore, enumerate
from time import monotonic

import pytest
import redis
from amqp.exceptions import NotAllowed
from celery import current_app
from django.conf import settings as project_settings
from django.db import connection
from django.test import Client
from django.utils import timezone
from prometheus_client import REGISTRY
from pytest_django import Settings

from monitoring import views
from monitoring.check_connection import BRIEF_LOCK_SECONDS, check_connection
from monitoring.metrics import db_gauges, metrics
from monitoring.metrics.celery_metrics import queue_lengths
from monitoring.metrics.db_gauges import DbGauge
from realtime.models import Heartbeat
from realtime.operations import status
from realtime.tasks import heartbeat
from tests.support.contracts.metrics_http import Scrape
from tests.support.external.rabbitmq import rabbitmq
from tests.support.product.brokers import sending_to
from tests.support.product.redis_keys import queue_key
from tests.support.wait import until

# Gauges are read on connections of their own, which see committed rows only.
pytestmark = pytest.mark.django_db(transaction=True)
QUEUES = ("default", "notify", "bulk")


@pytest.fixture(autouse=True)
def _empty_queues() -> Iterator[None]:
    current_app.loader.import_default_modules()
    current_app.control.purge()
    yield
    current_app.control.purge()


def read(client: Client) -> Scrape:
    response = client.get("/metrics/site")
    assert response.status_code == 200
    return Scrape(response.content.decode())


def errors(gauge: DbGauge) -> float:
    value = REGISTRY.get_sample_value("recruit_site_read_errors_total", {"metric": gauge.name})
    return value or 0.0


def test_waiting_messages_per_queue_and_live_workers_are_counted(
    client: Client,
) -> None:
    Heartbeat.objects.create(
        process="worker", name="a", since=timezone.now(), seen_at=timezone.now()
    )
    for queue, priority in (("notify", 0), ("notify", 9), ("bulk", 6)):
        heartbeat.apply_async(queue=queue, priority=priority)
    with redis.Redis.from_url(project_settings.REDIS_URL) as broker:
        assert broker.llen(queue_key("notify")) == 1, (
            "the premise: each priority has a list of its own"
        )
    scrape = read(client)
    lengths = {queue: scrape.total("celery_queue_length", queue_name=queue) for queue in QUEUES}
    assert lengths == {"default": 0, "notify": 2, "bulk": 1}
    assert scrape.total("celery_active_worker_count") == 1


def test_queue_lengths_work_with_rabbitmq() -> None:
    with rabbitmq() as address, sending_to(address):
        assert queue_lengths() == {(queue,): 0 for queue in QUEUES}, "the queues do not exist yet"
        for _ in range(2):
            heartbeat.apply_async(queue="bulk")
        assert queue_lengths() == {("default",): 0, ("notify",): 0, ("bulk",): 2}
        with sending_to(f"{address}nowhere"):
            with pytest.raises(NotAllowed):
                queue_lengths()
            assert status.status_row()["queues"] is None, (
                "the operations page works without the queues"
            )


def test_a_gauge_that_fails_is_reported_and_hides_no_other(
    client: Client,
) -> None:
    before = errors(metrics.QUEUE_LENGTH)
    with sending_to("redis://127.0.0.1:1/0"):
        scrape = read(client)
    assert not scrape.has("celery_queue_length")
    assert scrape.has("celery_active_worker_count")
    assert errors(metrics.QUEUE_LENGTH) == before + 1


def test_a_server_that_hangs_costs_only_the_gauges_that_need_it(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db_gauges, "READ_TIMEOUT_SECONDS", 0.5)
    release = Event()
    monkeypatch.setattr(metrics.REDIS_UP, "_read", lambda: {(): float(release.wait(60))})
    before = errors(metrics.REDIS_UP)
    try:
        for scrapes in (1, 2):
            scrape = read(client)
            assert not scrape.has("recruit_redis_up")
            assert scrape.has("celery_active_worker_count")
            assert scrape.has("recruit_disk_free_bytes")
            assert errors(metrics.REDIS_UP) == before + scrapes
        assert [thread.name for thread in enumerate() if thread.name == "read redis"] == [
            "read redis"
        ], "the second scrape does not start another thread that hangs"
    finally:
        release.set()
    until(lambda: read(client).has("recruit_redis_up"))


def test_two_scrapers_at_once_share_one_reading(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, release = Semaphore(0), Event()
    times: list[int] = []

    def slow() -> dict[tuple[str, ...], float]:
        release.wait(30)
        times.append(1)
        return {(): 1.0}

    def moment() -> float:
        asked.release()
        return monotonic()

    monkeypatch.setattr(metrics.REDIS_UP, "_read", slow)
    monkeypatch.setattr(views, "monotonic", moment)
    with ThreadPoolExecutor(2) as pool:
        scrapes = [pool.submit(read, one) for one in (client, Client())]
        for _ in scrapes:
            assert asked.acquire(timeout=30)
        release.set()
    assert all(one.result().total("recruit_redis_up") == 1 for one in scrapes)
    assert times == [1]


def test_activity_of_the_database_is_read_while_its_tables_are_slow(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db_gauges, "READ_TIMEOUT_SECONDS", 0.5)
    release = Event()
    monkeypatch.setattr(metrics.PENDING_MARKERS, "_read", lambda: {(): float(release.wait(60))})
    try:
        scrape = read(client)
    finally:
        release.set()
    assert not scrape.has("recruit_relay_pending_markers")
    assert scrape.has("recruit_database_blocked_backends")
    until(lambda: read(client).has("recruit_relay_pending_markers"))


def lock_timeout() -> dict[tuple[str, ...], float]:
    """Returns the limit of the connection that is used now, in milliseconds, as a reading."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT setting FROM pg_settings WHERE name = 'lock_timeout'")
        return {(): float(cursor.fetchone()[0])}


def test_a_gauge_of_the_database_has_short_time_limits_behind_a_pooler_too(
    client: Client, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DATABASE_DIRECT = {"HOST": "elsewhere"}  # so a connection has no limits of its own
    monkeypatch.setattr(metrics.PENDING_MARKERS, "_read", lock_timeout)
    assert read(client).total("recruit_relay_pending_markers") == 1000


@pytest.mark.parametrize("gauge", [metrics.PENDING_MARKERS, metrics.DATABASE_BLOCKING_SECONDS])
def test_the_operations_page_reads_a_gauge_with_shorter_limits_behind_a_pooler_too(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, gauge: DbGauge
) -> None:
    settings.DATABASE_DIRECT = {"HOST": "elsewhere"}
    monkeypatch.setattr(gauge, "_read", lock_timeout)
    with check_connection():
        assert status._read(gauge) == {(): BRIEF_LOCK_SECONDS * 1000}
