"""Deletes what a test has committed, in milliseconds where Django's flush takes half a second.

Rows that the migrations create (groups, permissions, the shared rounds, the schedule) are restored,
whatever a test has done to them.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import TransactionTestCase
from pytest_django.plugin import DjangoDbBlocker

BASELINE_SCHEMA = "after_migration"  # holds a copy of each table that has rows by then


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """Copies the rows that the migrations create, before the first test adds to them."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            f"DROP SCHEMA IF EXISTS {BASELINE_SCHEMA} CASCADE; CREATE SCHEMA {BASELINE_SCHEMA}"
        )
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT EXISTS (SELECT FROM "{table}")')
            if cursor.fetchone() == (True,):
                cursor.execute(f'CREATE TABLE {BASELINE_SCHEMA}."{table}" AS TABLE "{table}"')


def reset_rows(case: Any) -> None:
    """Restores the rows as the migrations left them; triggers are off meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", [BASELINE_SCHEMA])
        copied = {table for (table,) in cursor.fetchall()}
        tables = sorted(connection.introspection.table_names(), reverse=True)
        statements = [f'DELETE FROM "{table}"' for table in tables]
        statements += [
            f'INSERT INTO "{table}" TABLE {BASELINE_SCHEMA}."{table}"' for table in sorted(copied)
        ]
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("; ".join(statements))
        cursor.execute("SET session_replication_role = DEFAULT")


TransactionTestCase._fixture_teardown = reset_rows
