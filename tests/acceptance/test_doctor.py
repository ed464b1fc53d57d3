"""The doctor command and the readiness page, with real servers that run or are gone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from django.utils import timezone

from realtime.background.heartbeats import HeartbeatWriter
from realtime.log.relay_activity import record_activity
from realtime.models import Heartbeat, NumberedDatabase
from realtime.relay.epochs import record_database
from realtime.tasks import heartbeat
from tests.support.contracts.metrics_http import Scrape
from tests.support.product.doctor import ADVISED_WITHIN_SECONDS, doctor
from tests.support.product.private_servers import PrivateServers, private_servers
from tests.support.product.processes import Site, environment
from tests.support.product.relay import publish_all

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def servers(data_dir: Path) -> Iterator[PrivateServers]:
    with private_servers(data_dir, "PostgreSQL", "Valkey") as servers:
        yield servers


def test_the_doctor_reports_a_healthy_site_with_its_versions(site: Site) -> None:
    for process in (Heartbeat.Process.BEAT, Heartbeat.Process.WORKER):
        HeartbeatWriter(process).beat()
    heartbeat()
    site.start("relay")
    code, said = doctor(environment())
    assert code == 0, said
    for check in (
        "database",
        "redis",
        "migrations",
        "clock",
        "wakeups",
        "relay",
        "beat",
        "worker",
        "schedule",
        "disk",
        "scanner",
        "backup",
        "alerts",
    ):
        assert f"  ok       {check} " in said
    assert "See deploy/docs/runbooks.md" not in said
    assert "PostgreSQL         1" in said
    assert "Redis              Valkey " in said


def publish_as_a_relay() -> None:
    """So that no change looks overdue, and the relay alive."""
    publish_all()
    record_database()
    assert record_activity()


def test_a_hung_relay_is_a_warning_before_any_change_waits_for_it() -> None:
    for process in Heartbeat.Process:
        HeartbeatWriter(process).beat()
    heartbeat()
    publish_as_a_relay()
    NumberedDatabase.objects.update(numbered_at=timezone.now() - timedelta(seconds=30))
    code, said = doctor(environment())
    assert code == 0, said
    assert "  warning  relay       no sign of life for 3" in said
    assert "The relay does not publish changes: boards are frozen." in said


def test_a_consequence_names_its_cause_instead_of_advice() -> None:
    HeartbeatWriter(Heartbeat.Process.WORKER).beat()
    publish_as_a_relay()
    code, said = doctor(environment())
    assert code == 0, said
    assert "  warning  beat        no heartbeat" in said
    assert "  follows  schedule    no scheduled task has run yet" in said
    assert "Because of the failed check beat, above." in said
    assert "Check beat, then the workers" not in said, "the advice of schedule itself"


def test_missing_workers_are_a_warning_with_advice_but_no_failure() -> None:
    HeartbeatWriter(Heartbeat.Process.BEAT).beat()
    heartbeat()
    publish_as_a_relay()
    code, said = doctor(environment())
    assert code == 0, said
    assert "  warning  worker      no heartbeat" in said
    assert "Start one (celery --app project worker)." in said
    assert "See deploy/docs/runbooks.md#workersgone" in said
    assert "beat)" not in said, "advice only for failed checks"


def test_the_doctor_warns_of_a_site_in_production_whose_alerts_go_nowhere() -> None:
    production = {"DEBUG": "no", "SECRET_KEY": "k" * 50, "TRUSTED_ORIGINS": "https://a.example"}
    _code, said = doctor(environment() | production)
    assert "  warning  alerts      nowhere" in said
    assert "Then run manage.py send_test_alert." in said
    assert "See deploy/docs/runbooks.md#alertsnotsent" in said


def test_the_doctor_says_to_migrate_a_database_without_tables(servers: PrivateServers) -> None:
    code, said = doctor(servers.env)
    assert code == 1
    assert "  FAILED   migrations " in said
    assert "Run manage.py migrate, then restart all processes." in said


def test_the_doctor_names_each_missing_server_and_reports_the_rest_as_unknown(
    servers: PrivateServers,
) -> None:
    servers.kill("PostgreSQL")
    code, said = doctor(servers.env)
    assert code == 1
    assert "  FAILED   database    does not respond" in said
    assert "See deploy/docs/runbooks.md#databasegone" in said
    assert "  ok       redis " in said
    for check in ("migrations", "clock", "wakeups", "relay", "beat", "worker", "schedule"):
        assert f"  unknown  {check:<11} unknown without the database" in said
    assert "  unknown  backup      unknown without the migrations" in said
    assert servers.env["DATABASE_URL"] not in said
    servers.kill("Valkey")
    code, said = doctor(servers.env)
    assert code == 1
    assert "  FAILED   redis       does not respond" in said


def test_the_site_is_unready_while_a_server_is_down_and_ready_afterwards(
    site: Site, servers: PrivateServers
) -> None:
    def ready() -> tuple[int, dict[str, bool]]:
        answer = httpx.get(f"{site.url}/readyz", timeout=ADVISED_WITHIN_SECONDS)
        return answer.status_code, {
            name: check["ok"] for name, check in answer.json()["checks"].items()
        }

    def metric_redis_up() -> float:
        answer = httpx.get(f"{site.url}/metrics/site", timeout=ADVISED_WITHIN_SECONDS)
        return Scrape(answer.text).total("recruit_redis_up")

    valkey = {"REDIS_URL": servers.env["REDIS_URL"]}
    site.start("web", **valkey)
    assert (ready()[0], metric_redis_up()) == (200, 1)
    servers.kill("Valkey")
    status, checks = ready()
    assert (status, checks["redis"], checks["database"]) == (503, False, True)
    assert metric_redis_up() == 0
    servers.start("Valkey")
    assert (ready()[0], metric_redis_up()) == (200, 1)


def test_the_site_reports_a_missing_database_within_seconds(
    site: Site, servers: PrivateServers
) -> None:
    site.start("web", **servers.env)
    servers.kill("PostgreSQL")
    answer = httpx.get(f"{site.url}/readyz", timeout=ADVISED_WITHIN_SECONDS)
    assert answer.status_code == 503
    checks = answer.json()["checks"]
    assert checks["database"] == {"ok": False, "detail": "does not respond"}
    assert checks["relay"] == {"ok": None, "detail": "unknown without the database"}
    assert checks["redis"]["ok"]
    assert httpx.get(f"{site.url}/healthz").status_code == 200, "the process itself is healthy"
