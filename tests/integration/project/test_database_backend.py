"""Our database backend: times, and the log of statements."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext

pytestmark = pytest.mark.django_db

MOMENTS = (
    datetime(2026, 11, 30, 8, 15, 30, 123456, tzinfo=UTC),
    datetime(1, 1, 1, tzinfo=UTC),
    datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC),
)


def test_times_come_back_in_utc_as_they_were_stored() -> None:
    with connection.cursor() as cursor:
        for moment in MOMENTS:
            cursor.execute(
                "SELECT %s::timestamptz, %s::timestamptz[], NULL::timestamptz", [moment, [moment]]
            )
            assert cursor.fetchone() == (moment, [moment], None)
            cursor.execute("SELECT %s::timestamptz", [moment])
            (read,) = cursor.fetchone() or ()
            assert read.tzinfo is UTC


def test_a_time_with_another_offset_is_the_same_moment() -> None:
    moment = datetime.fromisoformat("2026-11-30T16:15:30+08:00")
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::timestamptz, %s::timestamptz + interval '1 hour'", [moment] * 2)
        assert cursor.fetchone() == (moment, moment + timedelta(hours=1))


def test_the_loader_is_a_compiled_one() -> None:
    with connection.cursor() as cursor:
        loader = cursor.cursor.adapters.get_loader(1184, 0)  # type: ignore[attr-defined]
    assert loader.__module__.startswith("psycopg_binary"), "else a large board is read slowly"


def test_statements_are_kept_only_for_those_who_ask() -> None:
    """With DEBUG, as on a developer's machine, relay and beat would keep thousands."""
    with override_settings(DEBUG=True), connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    assert not connection.queries_log
    with CaptureQueriesContext(connection) as queries, connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    assert len(queries) == 1
