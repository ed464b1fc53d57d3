"""Runs a real Prometheus with our configuration, but with short intervals."""

from __future__ import annotations

import math
import shutil
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any

import httpx
import yaml

from tests.support.contracts.alerts import PROMETHEUS, read
from tests.support.external.programs import free_port, serving

TOKEN = "prometheus-may-read"
EVERY = "2s"
SITE_EVERY = "5s"  # this endpoint queries the database, which is busy
NOTHING: Mapping[str, str] = MappingProxyType({})
ANSWER_SECONDS = 30.0  # generous, for a busy machine


class Prometheus:
    """A client of a running Prometheus."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def numbers(self, expression: str) -> list[float]:
        """Returns the expression's value for each series; leaves out NaN and infinity."""
        answer = await self._ask("query", query=expression)
        numbers = [float(one["value"][1]) for one in answer["result"]]
        return [number for number in numbers if math.isfinite(number)]

    async def labels(self, name: str) -> set[str] | None:
        """Returns the labels of the series of this name; None if there are none."""
        series = await self._ask("series", **{"match[]": f'{{__name__="{name}"}}'})
        return {label for one in series for label in one} if series else None

    async def exemplars(self, name: str) -> list[dict[str, str]]:
        """Returns the labels of the exemplars of this series in the last hour."""
        until = time.time()
        span = {"start": str(until - 3600), "end": str(until)}
        series = await self._ask("query_exemplars", query=name, **span)
        return [exemplar["labels"] for one in series for exemplar in one["exemplars"]]

    async def firing(self) -> set[str]:
        """Returns the names of the alerts that fire."""
        alerts = (await self._ask("alerts"))["alerts"]
        return {one["labels"]["alertname"] for one in alerts if one["state"] == "firing"}

    async def broken_rules(self) -> dict[str, str]:
        """Returns the rules that failed to evaluate, and why; promtool misses some."""
        groups = (await self._ask("rules"))["groups"]
        rules = [rule for group in groups for rule in group["rules"]]
        assert rules, "Prometheus has loaded no rule"
        return {rule["name"]: rule["lastError"] for rule in rules if rule.get("lastError")}

    async def _ask(self, what: str, **parameters: str) -> Any:
        answer = await self._client.get(what, params=parameters)
        body = answer.json()
        assert body["status"] == "success", body
        return body["data"]


@asynccontextmanager
async def scraping(
    directory: Path,
    targets: Mapping[str, str],
    rules: Mapping[str, str] = NOTHING,
    *,
    prober: str = "",
) -> AsyncIterator[Prometheus]:
    """Runs a Prometheus that scrapes these targets: host and port by the name of a targets file.

    rules: other contents of rule files, by their names
    prober: host and port of the blackbox_exporter that probes the targets `blackbox`
    """
    address = f"127.0.0.1:{free_port()}"
    config = _configured(directory, {**targets, "prometheus": address}, prober)
    for name, text in rules.items():
        (config.parent / "rules" / name).write_text(text)
    with serving(
        "prometheus",
        f"--config.file={config}",
        f"--storage.tsdb.path={directory / 'kept'}",
        f"--web.listen-address={address}",
        "--enable-feature=exemplar-storage",
        "--rules.alert.resend-delay=1s",  # the first time, it has not yet found Alertmanager
        ready=f"http://{address}/-/ready",
    ):
        base = f"http://{address}/api/v1"
        async with httpx.AsyncClient(base_url=base, timeout=ANSWER_SECONDS) as client:
            yield Prometheus(client)


def _configured(directory: Path, targets: Mapping[str, str], prober: str) -> Path:
    """Copies the configuration, with other intervals and targets."""
    copy = shutil.copytree(PROMETHEUS, directory / "prometheus")
    config = read(copy / "prometheus.yml")
    config["global"]["evaluation_interval"] = EVERY
    for job in config["scrape_configs"]:
        every = SITE_EVERY if job["job_name"] == "recruit-site" else EVERY
        job |= {"scrape_interval": every, "scrape_timeout": every}
        if job["job_name"] == "blackbox" and prober:
            job["relabel_configs"][-1]["replacement"] = prober
    (copy / "prometheus.yml").write_text(yaml.safe_dump(config))
    (copy / "metrics_token").write_text(TOKEN)
    for name, address in targets.items():
        (copy / "targets" / f"{name}.yml").write_text(yaml.safe_dump([{"targets": [address]}]))
    return copy / "prometheus.yml"
