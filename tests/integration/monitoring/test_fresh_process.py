"""What a process exposes before anything has happened."""

from __future__ import annotations

import platform
import subprocess
import sys

import django
import pytest
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from project.release import build_name, release_name, version
from project.settings import BASE_DIR

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
