"""The metrics of a process before anything has happened."""

from __future__ import annotations

import platform
import re
import subprocess
import sys
from collections.abc import Iterator

import django
import promql_parser
import pytest
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from project.release import build_name, release_name, version
from project.settings import BASE_DIR
from tests.support.contracts import promql
from tests.support.contracts.alerts import rules
from tests.support.contracts.panels import queries

# Counters whose labels are known only when something happens, and why.
OPEN = {
    "recruit_http_requests_total": "of each view, once it is requested",
    "recruit_http_slow_requests_total": "of each view, once it is requested",
    "celery_task_sent_total": "a process loads a task when it first sends it",
    "celery_task_failed_total": "of each exception, once it is raised",
}
OF_WORKERS = {  # once a worker receives the task: tests/acceptance/test_worker_metrics.py
    f"celery_task_{what}_total"
    for what in ("received", "started", "succeeded", "retried", "revoked", "rejected")
}
# Loads what a web process loads for its first request, and the tasks of a worker.
START = """
import project.asgi
from django.urls import get_resolver
from prometheus_client import generate_latest
from project.celery import app

get_resolver().url_patterns
app.loader.import_default_modules()
print(generate_latest().decode())
"""


@pytest.fixture(scope="module")
def fresh() -> dict[str, Metric]:
    """The metrics of a new process, by name."""
    command = [sys.executable, "-W", "ignore", "-c", START]
    done = subprocess.run(command, cwd=BASE_DIR, check=True, capture_output=True, text=True)
    return {family.name: family for family in text_string_to_metric_families(done.stdout)}


def test_a_process_says_which_release_it_runs(fresh: dict[str, Metric]) -> None:
    (sample,) = fresh["recruit_build_info"].samples
    assert sample.value == 1
    assert sample.labels == {
        "version": version(BASE_DIR),
        "release": release_name(BASE_DIR),
        "build": build_name(BASE_DIR),
        "python": platform.python_version(),
        "django": django.get_version(),
    }


def test_no_series_says_when_another_was_created(fresh: dict[str, Metric]) -> None:
    assert "recruit_hub_gaps" in fresh, "a counter, so the premise"
    assert [name for name in fresh if name.endswith("_created")] == []


def test_what_alerts_and_panels_count_is_there_before_it_happens(fresh: dict[str, Metric]) -> None:
    """A series that starts at one shows no increase: the first failure would go unseen."""
    counters = {f"{one.name}_total": one for one in fresh.values() if one.type == "counter"}
    read = [one for one in selectors() if one.name in counters.keys() - OPEN.keys() - OF_WORKERS]
    assert len({one.name for one in read}) > 20, "the premise"
    missing = {
        (one.name, label, value)
        for one in read
        for label, value in required_labels(one)
        if not any(
            re.fullmatch(value, sample.labels.get(label, ""))
            for sample in counters[one.name].samples
        )
    }
    assert missing == set()


def selectors() -> Iterator[promql_parser.VectorSelector]:
    """Yield everything that rules and panels read."""
    found: list[promql_parser.Expr] = []
    for expression in (*(rule["expr"] for rule in rules()), *(one.asked for one in queries())):
        promql_parser.walk(promql.parsed(expression), pre_visit=found.append)
    yield from (one for one in found if isinstance(one, promql_parser.VectorSelector))


def required_labels(selector: promql_parser.VectorSelector) -> Iterator[tuple[str, str]]:
    """Yield labels with a value, or the pattern of it, of which there must be a series."""
    yield "", ""
    for one in selector.matchers.matchers:
        is_positive = one.op in (promql_parser.MatchOp.Equal, promql_parser.MatchOp.Re)
        if is_positive and one.name not in promql.OF_EVERY_TARGET:
            yield from ((one.name, value) for value in one.value.split("|"))
