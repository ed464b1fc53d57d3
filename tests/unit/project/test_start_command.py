"""`manage.py start`: the command that a container becomes, and what it refuses."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

Started = list[tuple[Sequence[str], Mapping[str, str]]]


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Started:
    """The command lines and environments that would have replaced this process."""
    found: Started = []
    monkeypatch.setattr(os, "execve", lambda path, command, env: found.append((command, env)))
    return found


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("web", ["manage.py", "web", "--host", "0.0.0.0"]),
        ("relay", ["manage.py", "relay"]),
        ("migrate", ["manage.py", "migrate", "--no-input"]),
        ("backup", ["manage.py", "backup"]),
        ("restore", ["manage.py", "restore"]),
    ],
)
def test_a_container_becomes_the_process_that_its_argument_names(
    started: Started, name: str, expected: list[str]
) -> None:
    call_command("start", name)
    [(command, _)] = started
    assert command[1].endswith("/manage.py")
    assert ["manage.py", *command[2:]] == expected


def test_beat_keeps_no_file_and_a_worker_gets_its_options(started: Started) -> None:
    call_command("start", "beat")
    call_command("start", "worker", "--queues", "bulk")
    (beat, _), (worker, env) = started
    celery = ["-m", "celery", "--app", "project", "--quiet"]
    assert beat[1:9] == [*celery, "beat", "--pidfile", ""]
    assert worker[1:7] == [*celery, "worker"]
    assert worker[-2:] == ["--queues", "bulk"]
    assert env["REMAP_SIGTERM"] == "SIGQUIT", "told to stop, it finishes short tasks"


@pytest.mark.parametrize("missing", ["database_url", "redis_url"])
def test_a_container_does_not_start_without_a_server(
    started: Started, settings: Settings, missing: str
) -> None:
    settings.ENVIRONMENT = settings.ENVIRONMENT.model_copy(update={missing: ""})
    with pytest.raises(CommandError, match="DATABASE_URL and REDIS_URL must be set"):
        call_command("start", "web")
    assert started == []


def test_flower_is_not_started_without_a_password(started: Started, settings: Settings) -> None:
    with pytest.raises(CommandError, match="FLOWER_PASSWORD must be set"):
        call_command("start", "flower")
    assert started == []
    own = {"flower_password": "only-operations-know"}
    settings.ENVIRONMENT = settings.ENVIRONMENT.model_copy(update=own)
    call_command("start", "flower")
    [(command, env)] = started
    assert command[1:] == [
        *("-m", "celery", "--app", "project", "--quiet", "flower"),
        *("--address", "0.0.0.0"),
    ]
    assert env["FLOWER_BASIC_AUTH"].endswith(":only-operations-know")
