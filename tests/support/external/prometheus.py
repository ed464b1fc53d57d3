"""A real Prometheus with our own configuration, in more of a hurry."""

from __future__ import annotations

import math
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import yaml

from tests.support.contracts.alerts import PROMETHEUS, read
from tests.support.external.programs import free_port, serving

TOKEN = "prometheus-may-read"
EVERY = "2s"
SITE_EVERY = "5s"  # it asks the database, which has other work
ANSWER_SECONDS = 30.0  # of a busy machine


class Prometheus:
    """What can be asked of one that runs."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def numbers(self, expression: str) -> list[float]:
        """What the expression comes to now, series by series. What is no number is left out."""
        answer = await self._ask("query", query=expression)
        numbers = [float(one["value"][1]) for one in answer["result"]]
        return [number for number in numbers if math.isfinite(number)]

    async def labels(self, name: str) -> set[str] | None:
        """The labels that series of this name bear; None if there is no such series."""
        series = await self._ask("series", **{"match[]": f'{{__name__="{name}"}}'})
        return {label for one in series for label in one} if series else None

    async def broken_rules(self) -> dict[str, str]:
        """Rules that could not be evaluated, and why: some faults only numbers bring to light."""
        groups = (await self._ask("rules"))["groups"]
        rules = [rule for group in groups for rule in group["rules"]]
        assert rules, "it has read no rule"
        return {rule["name"]: rule["lastError"] for rule in rules if rule.get("lastError")}

    async def _ask(self, what: str, **parameters: str) -> Any:
        answer = await self._client.get(what, params=parameters)
        body = answer.json()
        assert body["status"] == "success", body
        return body["data"]


@asynccontextmanager
async def scraping(directory: Path, targets: Mapping[str, str]) -> AsyncIterator[Prometheus]:
    """One that reads these addresses. targets: host and port by the name of a file of targets."""
    config = _configured(directory, targets)
    address = f"127.0.0.1:{free_port()}"
    with serving(
        "prometheus",
        f"--config.file={config}",
        f"--storage.tsdb.path={directory / 'kept'}",
        f"--web.listen-address={address}",
        ready=f"http://{address}/-/ready",
    ):
        base = f"http://{address}/api/v1"
        async with httpx.AsyncClient(base_url=base, timeout=ANSWER_SECONDS) as client:
            yield Prometheus(client)


def _configured(directory: Path, targets: Mapping[str, str]) -> Path:
    """A copy of the configuration that differs in its clock and in whom it reads."""
    copy = shutil.copytree(PROMETHEUS, directory / "prometheus")
    config = read(copy / "prometheus.yml")
    config["global"]["evaluation_interval"] = EVERY
    for job in config["scrape_configs"]:
        every = SITE_EVERY if job["job_name"] == "recruit-site" else EVERY
        job |= {"scrape_interval": every, "scrape_timeout": every}
    (copy / "prometheus.yml").write_text(yaml.safe_dump(config))
    (copy / "metrics_token").write_text(TOKEN)
    for name, address in targets.items():
        (copy / "targets" / f"{name}.yml").write_text(yaml.safe_dump([{"targets": [address]}]))
    return copy / "prometheus.yml"
