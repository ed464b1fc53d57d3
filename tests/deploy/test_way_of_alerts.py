"""A real Prometheus and a real Alertmanager watch each other, and a dead man's switch both."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from tests.support.contracts.alerts import PROMETHEUS
from tests.support.external.alertmanager import alertmanager
from tests.support.external.programs import free_port
from tests.support.external.prometheus import Prometheus, scraping
from tests.support.external.webhook_receiver import WebhookReceiver
from tests.support.wait import until

pytestmark = [pytest.mark.processes, pytest.mark.xdist_group("alertmanager")]

TIMEOUT_SECONDS = 60.0  # generous, for a busy machine
GRAFANA = "http://127.0.0.1:3000"  # in prometheus.yml


def hasty_rules() -> dict[str, str]:
    """The rules about the way of alerts, with waiting times of seconds."""
    text = (PROMETHEUS / "rules" / "alerting.yml").read_text()
    hasty = text.replace("info[45s]", "info[5s]").replace("for: 30s", "for: 1s")
    assert [hasty.count(part) for part in ("[5s]", "for: 1s")] == [1, 1]
    return {"alerting.yml": hasty}


async def until_firing(prometheus: Prometheus, **labels: str) -> None:
    wanted = ", ".join(f'{name}="{value}"' for name, value in labels.items())
    expression = f'ALERTS{{alertname="AlertsNotSent", alertstate="firing", {wanted}}}'
    async with asyncio.timeout(TIMEOUT_SECONDS):
        while not await prometheus.numbers(expression):  # noqa: ASYNC110 another process
            await asyncio.sleep(0.1)


def fire_a_page(address: str) -> None:
    page = {"labels": {"alertname": "RelayStopped", "severity": "page"}}
    httpx.post(f"{address}/api/v2/alerts", json=[page]).raise_for_status()


def names(receiver: WebhookReceiver) -> set[str]:
    return {alert["labels"]["alertname"] for body in receiver.bodies for alert in body["alerts"]}


async def test_the_dead_mans_switch_hears_of_prometheus_and_prometheus_of_a_dead_alertmanager(
    tmp_path: Path,
) -> None:
    with WebhookReceiver() as switch, ExitStack() as until_dead:
        address = until_dead.enter_context(
            alertmanager(
                tmp_path / "alertmanager",
                site=f"http://127.0.0.1:{free_port()}",
                smtp_port=free_port(),
                watchdog=switch.url,
            )
        )
        targets = {"alertmanager": address.removeprefix("http://")}
        async with scraping(tmp_path, targets, hasty_rules()) as prometheus:
            until(lambda: len(switch.bodies) >= 2)
            (alert,) = switch.bodies[-1]["alerts"]
            assert alert["labels"] == {"alertname": "Watchdog", "severity": "none"}
            for link in ("dashboard_url", "runbook_url"):
                assert alert["annotations"][link].startswith(f"{GRAFANA}/d/recruit-")
            until_dead.close()
            await until_firing(prometheus, sender="nobody")


async def test_a_dead_mail_server_is_told_by_the_way_that_works(tmp_path: Path) -> None:
    with (
        WebhookReceiver() as site,
        alertmanager(tmp_path / "alertmanager", site=site.url, smtp_port=free_port()) as address,
    ):
        targets = {"alertmanager": address.removeprefix("http://")}
        async with scraping(tmp_path, targets, hasty_rules()) as prometheus:
            fire_a_page(address)
            await until_firing(prometheus, sender="Alertmanager", integration="email")
            until(lambda: "AlertsNotSent" in names(site))
