"""`manage.py start`: the command that a container becomes, and what it refuses."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from pytest_django import Settings

pytestmark = pytest.mark.django_db(transaction=True)

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
        "--address=0.0.0.0",
    ]
    assert env["FLOWER_BASIC_AUTH"].endswith(":only-operations-know")


@pytest.fixture
def _missing_migration() -> Iterator[None]:
    recorder = MigrationRecorder(connection)
    recorder.record_unapplied("jobs", "0001_initial")
    yield
    recorder.record_applied("jobs", "0001_initial")


@pytest.mark.usefixtures("_missing_migration")
@pytest.mark.parametrize("name", ["web", "relay", "worker", "beat", "backup"])
def test_a_process_whose_migrations_never_come_ends_with_a_sentence(
    started: Started, settings: Settings, name: str
) -> None:
    settings.MIGRATION_WAIT_SECONDS = 0
    with pytest.raises(
        CommandError, match=r"the first is jobs.0001_initial\. Run manage.py migrate"
    ):
        call_command("start", name)
    assert started == []


@pytest.mark.usefixtures("_missing_migration")
@pytest.mark.parametrize("name", ["migrate", "restore"])
def test_what_brings_the_migrations_does_not_wait_for_them(started: Started, name: str) -> None:
    call_command("start", name)
    assert len(started) == 1


def test_migrations_of_a_later_version_do_not_keep_the_previous_one_from_starting(
    started: Started,
) -> None:
    """The database after a rollback."""
    recorder = MigrationRecorder(connection)
    recorder.record_applied("jobs", "9999_later")
    call_command("start", "web")
    recorder.record_unapplied("jobs", "9999_later")
    assert len(started) == 1


def test_a_process_waits_for_a_database_that_does_not_answer(
    started: Started, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.MIGRATION_WAIT_SECONDS = 0
    monkeypatch.setitem(connection.settings_dict, "PORT", "1")
    with pytest.raises(CommandError, match="the database does not answer"):
        call_command("start", "web")
    assert started == []
