"""Forgetting what a test has committed, in milliseconds where Django's flush takes half a second.

What every installation has from its first migration on (groups, permissions, the shared rounds)
stays.
"""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.test import TransactionTestCase

KEPT = {
    "django_migrations",
    "django_content_type",
    "auth_permission",
    "auth_group",
    "auth_group_permissions",
}
ONLY_OURS = {
    "interview_roundtemplate": "campaign_id IS NOT NULL",
    "interview_criterion": "round_id NOT IN (SELECT id FROM interview_roundtemplate)",
}


def forget_rows(case: Any) -> None:
    """Delete all rows but those that are there after a migration; triggers are off meanwhile."""
    tables = sorted(set(connection.introspection.table_names()) - KEPT, reverse=True)
    statements = [f'DELETE FROM "{table}" WHERE {ONLY_OURS.get(table, "true")}' for table in tables]
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("; ".join(statements))
        cursor.execute("SET session_replication_role = DEFAULT")


TransactionTestCase._fixture_teardown = forget_rows
