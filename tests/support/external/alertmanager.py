"""Runs a real Alertmanager with our configuration, sending to servers of a test."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

from tests.support.contracts.alerts import read
from tests.support.external.programs import DEPLOY, free_port, serving

TOKEN = "alertmanager-may-post"
NOTHING: Mapping[str, str] = MappingProxyType({})


@contextmanager
def alertmanager(
    directory: Path,
    *,
    site: str,
    smtp_port: int,
    watchdog: str = "",
    is_fast: bool = True,
    token: str = TOKEN,
    replaced: Mapping[str, str] = NOTHING,
) -> Iterator[str]:
    """Yields the address of an Alertmanager that posts to `site` and mails to this local port.

    watchdog: address of the dead man's switch
    is_fast: it waits a second before the first and between later messages of a group
    replaced: texts of the configuration, by the original
    """
    config = configuration(site=site, smtp_port=smtp_port)
    if watchdog:
        switch = {"url": watchdog, "send_resolved": False}
        receiver(config, "watchdog")["webhook_configs"] = [switch]
    if is_fast:
        hurry(config)
    shutil.copytree(DEPLOY / "alertmanager" / "templates", directory / "templates")
    (directory / "alerts_token").write_text(token)
    text = yaml.safe_dump(config, width=1_000)
    for original, other in replaced.items():
        text = text.replace(original, other)
    (directory / "alertmanager.yml").write_text(text)
    address = f"http://127.0.0.1:{free_port()}"
    with serving(
        "prometheus-alertmanager",
        f"--config.file={directory / 'alertmanager.yml'}",
        f"--storage.path={directory / 'silences'}",
        f"--web.listen-address={address.removeprefix('http://')}",
        "--cluster.listen-address=",
        ready=f"{address}/-/ready",
    ):
        yield address


def configuration(*, site: str, smtp_port: int) -> dict[str, Any]:
    """Returns our configuration with the addresses of a test."""
    config: dict[str, Any] = read(DEPLOY / "alertmanager" / "alertmanager.yml")
    config["global"] |= {"smtp_smarthost": f"localhost:{smtp_port}", "smtp_require_tls": False}
    (webhook,) = receiver(config, "operations")["webhook_configs"]
    webhook["url"] = f"{site}/alerts/dingtalk/"
    return config


def hurry(config: dict[str, Any]) -> None:
    """Makes it wait a second where it would wait longer."""
    for route in routes(config["route"]):
        route |= {"group_wait": "1s", "group_interval": "1s"}
        if route.get("receiver") == "watchdog":
            route["repeat_interval"] = "1s"


def receiver(config: dict[str, Any], name: str) -> dict[str, Any]:
    """Returns the receiver of this name."""
    return next(one for one in config["receivers"] if one["name"] == name)


def routes(route: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yields the route and all routes below it."""
    yield route
    for one in route.get("routes", []):
        yield from routes(one)
