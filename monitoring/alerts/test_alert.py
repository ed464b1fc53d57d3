"""A test alert: built as Prometheus builds alerts, and sent on each part of their way.

`manage.py send_test_alert` sends it from its own process, or posts it to Alertmanager. Then a web
process forwards it, and tells in the cache whether it was sent.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import requests
from django.core.cache import cache
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from prometheus_client.parser import text_string_to_metric_families
from redis import RedisError

from monitoring.alerts.payload import Group

logger = logging.getLogger(__name__)

NAME = "TestAlert"
SENT = "sent"
RECORD_SECONDS = 600
REQUEST_SECONDS = 10


def build() -> dict[str, Any]:
    """A new test alert, as Prometheus posts it to Alertmanager; it is urgent, to go every way."""
    now = timezone.now()
    return {
        "labels": {"alertname": NAME, "severity": "page", "test": uuid4().hex},
        "annotations": dict(_annotations()),
        "startsAt": now.isoformat(),
        "endsAt": (now + timedelta(seconds=RECORD_SECONDS / 2)).isoformat(),
    }


def _annotations() -> Iterator[tuple[str, str]]:
    for suffix, language in (("", "en"), ("_zh_hans", "zh-hans")):
        with translation.override(language):
            yield f"summary{suffix}", _("This is a test alert")
            yield f"description{suffix}", _("Nothing is wrong: alerts reach you.")


def as_group(alert: dict[str, Any]) -> Group:
    """The group that Alertmanager would post to the site."""
    return Group.model_validate({"version": "4", "alerts": [alert | {"status": "firing"}]})


def record(group: Group, outcome: str) -> None:
    """Keeps the outcome of a test alert in this group, if Redis responds.

    outcome: SENT, or the reason why it was not sent
    """
    for alert in group.alerts:
        if alert.labels.alertname == NAME and alert.status == "firing":
            try:
                cache.set(_key(alert.labels.test), outcome, RECORD_SECONDS)
            except RedisError as error:
                extra = {"action": "test_alert_unrecorded"}
                logger.warning("Could not record a test alert (%s)", error, extra=extra)


def recorded(alert: dict[str, Any]) -> str | None:
    """The outcome that a web process has recorded; None if it has not, or Redis is away."""
    try:
        outcome: str | None = cache.get(_key(alert["labels"]["test"]))
    except RedisError:
        return None
    return outcome


def _key(test: str) -> str:
    return f"alerts:test:{test}"


def post(address: str, alert: dict[str, Any]) -> None:
    """Posts an alert to Alertmanager. Raises requests.RequestException."""
    url = f"{address}/api/v2/alerts"
    requests.post(url, json=[alert], timeout=REQUEST_SECONDS).raise_for_status()


def mails(address: str) -> tuple[float, float]:
    """How many e-mails Alertmanager has sent or given up, and how many it has given up.

    Raises requests.RequestException.
    """
    response = requests.get(f"{address}/metrics", timeout=REQUEST_SECONDS)
    response.raise_for_status()
    counted = {
        "alertmanager_notifications_total": 0.0,
        "alertmanager_notifications_failed_total": 0.0,
    }
    for family in text_string_to_metric_families(response.text):
        for sample in family.samples:
            if sample.name in counted and sample.labels["integration"] == "email":
                counted[sample.name] += sample.value
    ended, failed = counted.values()
    return ended, failed
