"""The metrics port of other processes has the same access rules as /metrics."""

from __future__ import annotations

import logging
import re
import socket

import httpx
import pytest
from pytest_django import Settings

from monitoring.metrics import exposition
from tests.support.contracts.metrics_http import ADDRESS, scrape


@pytest.fixture
def url(settings: Settings, caplog: pytest.LogCaptureFixture) -> str:
    settings.METRICS_PORT = 0
    with caplog.at_level(logging.INFO, "monitoring.metrics.exposition"):
        exposition.serve()
    found = re.fullmatch(ADDRESS, caplog.messages[-1])
    assert found, caplog.messages
    return found[1]


def test_requests_from_this_machine_may_read_metrics(url: str) -> None:
    assert scrape(url).kinds["celery_task_sent"] == "counter"


def test_a_request_forwarded_by_a_proxy_is_not_local(url: str) -> None:
    assert httpx.get(url, headers={"X-Forwarded-For": "10.0.0.7"}).status_code == 403


def test_with_a_token_only_requests_with_it_may_read_metrics(url: str, settings: Settings) -> None:
    settings.METRICS_TOKEN = "open-sesame"
    refused = httpx.get(url)
    assert (refused.status_code, refused.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert b"celery" not in refused.content
    right = httpx.get(url, headers={"Authorization": "Bearer open-sesame"})
    assert b"celery_task_sent" in right.content


def test_a_taken_port_is_logged_and_the_process_continues(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        settings.METRICS_PORT = port = other.getsockname()[1]
        exposition.serve()
    assert caplog.messages == [f"No metrics on port {port}: Address already in use"]


def test_without_a_configured_port_none_is_opened(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    assert settings.METRICS_PORT is None, "no port is configured by default"
    with caplog.at_level(logging.INFO, "monitoring.metrics.exposition"):
        exposition.serve()
    assert caplog.messages == []
