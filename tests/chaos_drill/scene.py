"""The product on an interview day, watched by the configured Prometheus and Alertmanager."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

import httpx
import yaml
from django.utils import timezone

from tests.support.contracts.alerts import PROMETHEUS
from tests.support.external.alertmanager import alertmanager
from tests.support.external.fake_dingtalk import FakeDingtalk
from tests.support.external.programs import free_port, serving
from tests.support.external.prometheus import TOKEN
from tests.support.product.processes import Site
from tests.support.traffic.interview_day import Day

TOLD_AFTER_SECONDS = 30.0  # Alertmanager waits as long for a cause that inhibits an alert


class Scene:
    """The running product that a fault may break, and the alerts that people have received."""

    def __init__(self, day: Day, dingtalk: FakeDingtalk, alertmanager: str) -> None:
        self.day, self.dingtalk, self._alertmanager = day, dingtalk, alertmanager
        self._seen: dict[str, float] = {}

    def kill(self, name: str) -> None:
        next(one for one in self.day.site.running if one.name == name and one.is_alive()).kill()

    def start(self, name: str) -> None:
        """Starts a process at the metrics address it had."""
        port = urlsplit(f"//{self.day.targets[name]}").port
        self.day.site.start(name, **self.day.env | {"METRICS_PORT": str(port)})

    def alerts_told(self) -> set[str]:
        """Returns the alerts that fire, are not inhibited, and have been sent by now."""
        found = httpx.get(f"{self._alertmanager}/api/v2/alerts", params={"inhibited": "false"})
        firing = {one["labels"]["alertname"] for one in found.raise_for_status().json()}
        now = time.monotonic()
        self._seen = {name: self._seen.get(name, now) for name in firing}
        return {name for name, since in self._seen.items() if now - since >= TOLD_AFTER_SECONDS}


@contextmanager
def scene() -> Iterator[Scene]:
    site = Site()
    with TemporaryDirectory() as home, FakeDingtalk() as dingtalk:
        dingtalk.now = timezone.now
        try:
            day = Day(site, dingtalk)
            mails = free_port()  # nobody listens
            with (
                alertmanager(
                    Path(home), site=site.url, smtp_port=mails, is_fast=False, token=TOKEN
                ) as address,
                _prometheus(
                    Path(home), day.targets | {"alertmanager": address.removeprefix("http://")}
                ),
            ):
                yield Scene(day, dingtalk, address)
        finally:
            site.stop()


def _prometheus(home: Path, targets: dict[str, str]) -> Any:
    copy = shutil.copytree(PROMETHEUS, home / "prometheus")
    (copy / "metrics_token").write_text(TOKEN)
    for name, address in targets.items():
        (copy / "targets" / f"{name}.yml").write_text(yaml.safe_dump([{"targets": [address]}]))
    address = f"127.0.0.1:{free_port()}"
    return serving(
        "prometheus",
        f"--config.file={copy / 'prometheus.yml'}",
        f"--storage.tsdb.path={home / 'kept'}",
        f"--web.listen-address={address}",
        ready=f"http://{address}/-/ready",
    )
