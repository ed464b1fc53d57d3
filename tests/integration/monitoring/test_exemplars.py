"""Buckets of requests and of commit to paint name one request or socket, and no person."""

from __future__ import annotations

import secrets

import pytest
from django.test import Client
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from monitoring.logs import context
from realtime.consumers import WallConsumer

pytestmark = pytest.mark.django_db
OPEN_METRICS = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5"


def exemplars(client: Client, histogram: str) -> list[dict[str, str]]:
    """Return the labels of every exemplar, parsed as strictly as the standard is."""
    answer = client.get("/metrics", headers={"Accept": OPEN_METRICS})
    assert answer["Content-Type"].startswith("application/openmetrics-text; version=1.0.0")
    families = {one.name: one for one in text_string_to_metric_families(answer.content.decode())}
    samples = families[histogram].samples
    return [dict(one.exemplar.labels) for one in samples if one.exemplar]


def test_a_bucket_names_a_request_by_the_id_that_it_answered_with(client: Client) -> None:
    given = secrets.token_hex(16)  # as nginx sends it
    assert client.get("/healthz", headers={"X-Request-ID": given})["X-Request-ID"] == given
    assert {"request_id": given} in exemplars(client, "recruit_http_request_seconds")


def test_an_id_that_a_client_made_up_is_not_exposed(client: Client) -> None:
    made_up = "weiming.ouyang-13812345678"
    assert client.get("/healthz", headers={"X-Request-ID": made_up})["X-Request-ID"] == made_up
    found = exemplars(client, "recruit_http_request_seconds")
    assert {"request_id": made_up} not in found
    assert all(labels.keys() == {"request_id"} for labels in found)


def test_a_late_display_names_its_socket(client: Client) -> None:
    token = context.socket_id.set("5f0c2a9b")
    try:
        WallConsumer.meter.painted(1_700)
    finally:
        context.socket_id.reset(token)
    assert {"socket_id": "5f0c2a9b"} in exemplars(client, "recruit_commit_to_paint_seconds")


def test_without_openmetrics_there_are_no_exemplars(client: Client) -> None:
    client.get("/healthz")
    answer = client.get("/metrics")
    assert answer["Content-Type"].startswith("text/plain; version=")
    assert b"request_id" not in answer.content
