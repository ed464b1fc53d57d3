"""Probes and scrapes that get an expected answer are not in the logs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from monitoring.health import checks
from tests.support.product.log_lines import CapturedLog, logging_to

pytestmark = pytest.mark.django_db


@pytest.fixture
def log(tmp_path: Path) -> Iterator[CapturedLog]:
    with logging_to(tmp_path / "logs", "json", level="INFO") as log:
        yield log


def test_a_site_that_is_not_ready_writes_no_error_for_each_probe(
    client: Client, settings: Settings, tmp_path: Path, log: CapturedLog
) -> None:
    settings.REDIS_URL = f"unix://{tmp_path}/nobody.sock"
    assert client.get("/readyz").status_code == 503
    assert client.get("/nowhere/").status_code == 404
    assert "/nowhere/" in log.texts()["recruit.log"], "the premise"
    assert "/readyz" not in log.texts()["recruit.log"]
    assert log.texts().get("error.log", "") == ""


@pytest.mark.parametrize("path", ["/metrics", "/metrics/site"])
def test_a_scrape_without_the_token_is_not_logged(
    client: Client, settings: Settings, path: str, log: CapturedLog
) -> None:
    settings.METRICS_TOKEN = "open-sesame"
    assert client.get(path).status_code == 401
    assert client.get("/nowhere/").status_code == 404
    assert "/nowhere/" in log.texts()["recruit.log"], "the premise"
    assert "/metrics" not in log.texts()["recruit.log"]


def test_a_probe_that_raises_is_an_error(
    client: Client, monkeypatch: pytest.MonkeyPatch, log: CapturedLog
) -> None:
    monkeypatch.setattr(checks, "findings", lambda: 1 / 0)
    client.raise_request_exception = False
    assert client.get("/readyz").status_code == 500
    assert "ZeroDivisionError" in log.texts()["error.log"]
