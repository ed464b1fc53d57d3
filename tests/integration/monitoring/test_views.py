"""The endpoints /healthz, /readyz and /metrics."""

import re
from datetime import timedelta
from pathlib import Path
from time import time

import pytest
import redis
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from monitoring.health import checks as health_checks
from monitoring.metrics.metrics import REDIS_UP
from realtime import site_identity
from realtime.log.relay_activity import record_activity
from realtime.models import Change
from realtime.relay.epochs import record_database
from tests.support.product.private_servers import private_servers


def test_healthz_does_not_use_the_database(
    client: Client, db: None, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        response = client.get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok")
    assert "no-cache" in response["Cache-Control"]


def test_readyz_lists_every_check(client: Client, transactional_db: None) -> None:
    record_database()
    record_activity()
    response = client.get("/readyz")
    assert response.status_code == 200, response.content
    checks = response.json()["checks"]
    own = {"database", "tables", "redis", "migrations", "clock", "relay", "disk", "scanner"}
    own |= {"alerts"}
    assert set(checks) == own | {"backup", "wakeups", "beat", "worker", "schedule"}
    assert all(checks[name]["ok"] for name in own)
    others = checks["worker"]
    assert others == {"ok": False, "detail": "no heartbeat"}, "reported, but not a failure"


def test_a_clock_that_differs_from_the_databases_is_reported_but_pages_are_served(
    client: Client, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health_checks, "time", lambda: time() - 90)
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json()["checks"]["clock"] == {"ok": False, "detail": "90 s off"}


def test_without_redis_readyz_fails_and_reveals_no_address(
    client: Client, db: None, settings: Settings, tmp_path: Path
) -> None:
    settings.REDIS_URL = f"unix://{tmp_path}/nobody.sock"
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["checks"]["redis"] == {"ok": False, "detail": "does not respond"}
    assert response.json()["checks"]["database"]["ok"], "one failed check does not hide the others"
    assert str(tmp_path) not in response.content.decode()


def test_a_database_number_that_redis_does_not_have_is_reported_in_words(
    client: Client, db: None, settings: Settings
) -> None:
    settings.REDIS_URL = f"{settings.REDIS_URL}?db=999"
    found = client.get("/readyz").json()["checks"]["redis"]
    assert found == {"ok": False, "detail": "refuses: DB index is out of range"}


def test_a_redis_that_refuses_every_write_is_reported_with_its_reason(
    client: Client, db: None, settings: Settings, data_dir: Path
) -> None:
    def found() -> dict[str, object]:
        check: dict[str, object] = client.get("/readyz").json()["checks"]["redis"]
        return check

    with private_servers(data_dir, "Valkey") as servers:
        settings.REDIS_URL = servers.env["REDIS_URL"]
        with redis.Redis.from_url(settings.REDIS_URL) as server:
            assert found() == {"ok": True, "detail": "responds"}, "the premise"
            (key,) = server.keys()
            assert key.decode().startswith(site_identity.prefix()), "no other site uses it"
            assert 0 < server.ttl(key) <= 10
            server.config_set("maxmemory", 1)
            assert server.ping()
            refusal = "refuses: command not allowed when used memory > 'maxmemory'"
            assert found() == {"ok": False, "detail": refusal}
            assert REDIS_UP.read() == {(): 0}
            server.config_set("maxmemory", 0)
            assert found() == {"ok": True, "detail": "responds"}


def test_changes_waiting_too_long_indicate_a_missing_relay(
    client: Client, transactional_db: None
) -> None:
    change = Change.objects.create(topic="board.autumn", key="interview:1")
    assert client.get("/readyz").status_code == 200, "waiting for a short time is not a failure"
    Change.objects.filter(pk=change.pk).update(recorded_at=timezone.now() - timedelta(minutes=1))
    response = client.get("/readyz")
    assert response.status_code == 503
    assert re.fullmatch(r"6\d s behind", response.json()["checks"]["relay"]["detail"])


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "127.8.8.8"])
def test_this_machine_may_read_metrics_without_a_token(client: Client, address: str) -> None:
    response = client.get("/metrics", REMOTE_ADDR=address)
    assert response.status_code == 200
    assert b"# HELP recruit_ws_sockets_open" in response.content


@pytest.mark.parametrize(
    "sent",
    [
        {"REMOTE_ADDR": "10.0.0.7"},
        {"REMOTE_ADDR": ""},
        {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "10.0.0.7"},
    ],
)
@pytest.mark.parametrize("path", ["/metrics", "/metrics/site"])
def test_other_machines_need_a_token_to_read_metrics(
    client: Client, path: str, sent: dict[str, str]
) -> None:
    assert client.get(path, **sent).status_code == 403


@pytest.mark.parametrize(
    ("authorization", "status"),
    [("Bearer open-sesame", 200), ("Bearer open-says-me", 401), ("", 401), ("Bearer ü", 401)],
)
@pytest.mark.parametrize("path", ["/metrics", "/metrics/site"])
def test_with_a_token_configured_only_requests_with_it_read_metrics(
    client: Client, db: None, settings: Settings, path: str, authorization: str, status: int
) -> None:
    settings.METRICS_TOKEN = "open-sesame"
    response = client.get(path, REMOTE_ADDR="10.0.0.7", HTTP_AUTHORIZATION=authorization)
    assert response.status_code == status


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics", "/metrics/site"])
def test_the_endpoints_are_read_only(client: Client, path: str) -> None:
    assert client.post(path).status_code == 405


def test_a_relay_that_shows_no_activity_is_reported_but_pages_are_served(
    client: Client, transactional_db: None
) -> None:
    """A restart of the relay must not take the web processes out of the load balancer."""
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json()["checks"]["relay"] == {"ok": False, "detail": "has never run"}
    record_database()
    record_activity()
    found = client.get("/readyz").json()["checks"]["relay"]
    assert found == {"ok": True, "detail": "nothing is waiting"}


def test_a_consequence_of_a_lost_redis_names_it(
    client: Client, db: None, settings: Settings, tmp_path: Path
) -> None:
    settings.REDIS_URL = f"unix://{tmp_path}/nobody.sock"
    checks = client.get("/readyz").json()["checks"]
    assert "because" not in checks["redis"]
    assert {checks[name]["because"] for name in ("worker", "beat", "schedule")} == {"redis"}
