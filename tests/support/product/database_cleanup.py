"""Forgetting what a test has committed, in milliseconds where Django's flush takes half a second.

What every installation has from its first migration on (groups, permissions, the shared rounds,
the schedule) is put back as it was, whatever a test has made of it.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import TransactionTestCase
from pytest_django.plugin import DjangoDbBlocker

REMEMBERED = "after_migration"  # a schema with a copy of each table that has rows then


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """Copy what the migrations have brought, before the first test adds to it."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(f"DROP SCHEMA IF EXISTS {REMEMBERED} CASCADE; CREATE SCHEMA {REMEMBERED}")
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT EXISTS (SELECT FROM "{table}")')
            if cursor.fetchone() == (True,):
                cursor.execute(f'CREATE TABLE {REMEMBERED}."{table}" AS TABLE "{table}"')


def forget_rows(case: Any) -> None:
    """Leave the rows that were there after the migrations; triggers are off meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", [REMEMBERED])
        remembered = {table for (table,) in cursor.fetchall()}
        tables = sorted(connection.introspection.table_names(), reverse=True)
        statements = [f'DELETE FROM "{table}"' for table in tables]
        statements += [
            f'INSERT INTO "{table}" TABLE {REMEMBERED}."{table}"' for table in sorted(remembered)
        ]
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("; ".join(statements))
        cursor.execute("SET session_replication_role = DEFAULT")


TransactionTestCase._fixture_teardown = forget_rows
