"""Database statements are timed, counted by kind, and logged when slow."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import IntegrityError, OperationalError, ProgrammingError, connection, transaction
from pytest_django import Settings

from jobs.models import Candidate
from tests.factories import make_candidate
from tests.support.contracts.metrics_in_process import scraped
from tests.support.product.log_lines import CapturedLog, logging_to

pytestmark = pytest.mark.django_db


@pytest.fixture
def log(tmp_path: Path) -> Iterator[CapturedLog]:
    with logging_to(tmp_path, "json") as log:
        yield log


@pytest.mark.parametrize(
    ("statement", "operation"),
    [
        ("select 1", "select"),
        ("\n INSERT INTO jobs_job SELECT * FROM jobs_job WHERE false", "insert"),
        ("UPDATE jobs_job SET title = title", "update"),
        ("DELETE FROM jobs_job WHERE false", "delete"),
        ("WITH one AS (SELECT 1) SELECT * FROM one", "other"),
    ],
)
def test_a_statement_is_timed_once_by_its_first_word(statement: str, operation: str) -> None:
    connection.ensure_connection()
    before = scraped()
    with connection.cursor() as cursor:
        cursor.execute(statement)
    moved = scraped().since(before)
    assert moved.of("recruit_database_query_seconds_count") == 1
    assert moved.of("recruit_database_query_seconds_count", operation=operation) == 1
    assert moved.of("recruit_database_errors_total") == 0


@pytest.mark.django_db(transaction=True)
def test_failed_statements_are_counted_by_kind() -> None:
    one, other = make_candidate(), make_candidate()
    before = scraped()
    with pytest.raises(IntegrityError), transaction.atomic():
        Candidate.objects.filter(pk=one.pk).update(email=other.email)
    with pytest.raises(OperationalError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 1; SELECT pg_sleep(5)")
    with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT nothing FROM nowhere")
    with pytest.raises(OperationalError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    connection.close()
    moved = scraped().since(before)
    for kind in ("integrity", "timeout", "other", "operational"):
        assert moved.of("recruit_database_errors_total", kind=kind) == 1
    assert moved.of("recruit_database_errors_total") == 4


def test_a_slow_statement_is_logged_without_its_values(
    settings: Settings, log: CapturedLog
) -> None:
    one = make_candidate(name="王小明")
    settings.SLOW_QUERY_SECONDS = 0
    assert Candidate.objects.get(name="王小明") == one
    [line] = log.lines("performance.log")
    assert (line["action"], line["message"]) == ("slow_query", "Slow query")
    assert "jobs_candidate" in line["statement"]
    assert "王小明" not in log.texts()["performance.log"]


@pytest.mark.django_db(transaction=True)
def test_the_wrapper_is_installed_once_and_outlives_others() -> None:
    with connection.execute_wrapper(lambda execute, *args: execute(*args)):
        connection.close()
        connection.ensure_connection()
    names = [wrapper.__name__ for wrapper in connection.execute_wrappers]
    assert names.count("_timed") == 1


def test_busy_connections_of_the_pool_are_counted() -> None:
    connection.ensure_connection()
    now = scraped()
    assert now.of("recruit_database_pool_connections", state="busy") >= 1
    assert now.of("recruit_database_pool_connections", state="idle") >= 0
    assert now.of("recruit_database_pool_waiting") == 0
