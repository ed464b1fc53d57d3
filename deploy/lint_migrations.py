"""`python -m deploy.lint_migrations`: migrations that the previous version cannot run beside.

During a deployment, and after a rollback, the previous version works on the migrated database. So a
migration only adds what the previous version can ignore (expand); what no version needs any more is
removed by a later release (contract), and listed in ACCEPTED. Indexes are built concurrently, so
that nobody waits. django-migration-linter reads the SQL of every migration. Part of `make check`.

Prints a line for every find and exits with 1 if there is one.
"""

from __future__ import annotations

import io
import os
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import redirect_stdout
from typing import Any

import django
from django.conf import settings
from django.db import connection
from django.db.migrations import Migration
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.state import ProjectState
from django_migration_linter import MigrationLinter
from django_migration_linter.sql_analyser.base import Check, CheckMode, CheckType
from django_migration_linter.sql_analyser.postgresql import PostgresqlAnalyser

from project.embedded.sharing import embedded_servers, missing_servers

APPS = ("interview", "jobs", "monitoring", "realtime")
# Migrations that the linter refuses, and why they may stay. An entry that it does not refuse is
# reported, so that the list shrinks.
BEFORE = "part of 0.1.0, the first version, beside which no older one runs"
ACCEPTED = {
    "interview.0002_notices_keep_what_they_told": BEFORE,
    "interview.0006_reminders": BEFORE,
    "interview.0008_robots_rest": BEFORE,
    "interview.0009_notices_name_their_run": BEFORE,
    "interview.0011_what_operations_look_at": BEFORE,
    "interview.0018_reasons_to_confirm_conflicts": BEFORE,
    "interview.0020_applicants_confirm_by_email": BEFORE,
    "jobs.0001_initial": BEFORE,
    "jobs.0004_import_choices_and_rejected_rows": BEFORE,
    "jobs.0013_contact_conflicts": BEFORE,
    "realtime.0004_runs_are_sent_and_kept": BEFORE,
    "realtime.0007_what_operations_look_at": BEFORE,
}
ADVICE = "Add columns with db_default or null=True, and indexes with AddIndexConcurrently"


def _rule(code: str, pattern: str, message: str) -> Check:
    """Return a rule that refuses statements of this pattern, except on a table that is new.

    pattern: its first group is the table. The linter's rules of the same code look at the first
    such statement of a migration only, or let one column's default stand for another's.
    """

    def refuses(statements: Iterable[str], **_: Any) -> bool:
        text = list(statements)
        created = {found[1] for one in text if (found := re.match(r'CREATE TABLE (".+?")', one))}
        tables = {found[1] for one in text if (found := re.match(pattern, one))}
        return bool(tables - created)

    return Check(
        code=code, fn=refuses, message=message, mode=CheckMode.TRANSACTION, type=CheckType.ERROR
    )


class Analyser(PostgresqlAnalyser):
    """The linter's rules for PostgreSQL, some of them replaced by stricter ones."""

    migration_checks = [
        *PostgresqlAnalyser.migration_checks,
        _rule(
            "CREATE_INDEX",
            r'CREATE (?:UNIQUE )?INDEX (?!CONCURRENTLY).* ON (".+?")',
            "CREATE INDEX locks table",
        ),
        _rule(
            "NO_DEFAULT",
            r'ALTER TABLE (".+?") (?:ALTER COLUMN .* DROP DEFAULT|ALTER COLUMN .* SET NOT NULL'
            r"|ADD COLUMN (?!.* DEFAULT ).* NOT NULL)",
            "The previous version inserts rows without a column that needs a value",
        ),
        _rule(
            "VALIDATED_CONSTRAINT",
            r'ALTER TABLE (".+?") ADD CONSTRAINT .* (?:CHECK|EXCLUDE) (?!.*NOT VALID)',
            "All rows are checked under a lock: use AddConstraintNotValid and ValidateConstraint",
        ),
    ]


class Linter(MigrationLinter):
    """A MigrationLinter that is given the SQL of migrations, and returns what it would print.

    statements: by app and name. `sqlmigrate` would compute the state of the models for each anew.
    """

    def __init__(self) -> None:
        super().__init__(
            include_apps=APPS,
            no_cache=True,
            all_warnings_as_errors=True,
            analyser_string="postgresql",
        )
        self.sql_analyser_class = Analyser
        self.statements: dict[tuple[str, str], list[str]] = {}

    def get_sql(self, app_label: str, migration_name: str) -> list[str]:
        return self.statements[app_label, migration_name]

    @staticmethod
    def get_migration_hash(app_label: str, migration_name: str) -> str:
        """Return a key for the cache that is not used."""
        return f"{app_label}.{migration_name}"

    def complaints(self, migration: Migration) -> str:
        """Return what is wrong with a migration; "" if nothing is."""
        self.reset_counters()
        with redirect_stdout(io.StringIO()) as printed:
            self.lint_migration(migration)
        _title, *lines = printed.getvalue().splitlines()
        return "; ".join(line.strip() for line in lines) if self.has_errors else ""


def apply_on_paper(migration: Migration, state: ProjectState) -> tuple[ProjectState, list[str]]:
    """Return the state of the models after a migration, and its statements like `sqlmigrate`."""
    with connection.schema_editor(collect_sql=True, atomic=migration.atomic) as editor:
        state = migration.apply(state, editor, collect_sql=True)
    statements = [line for text in editor.collected_sql for line in text.splitlines()]
    return state, (["BEGIN;"] if migration.atomic else []) + statements


def read_migrations(linter: Linter) -> Iterator[Migration]:
    """Give the linter the statements of all migrations; yield those of our apps."""
    executor = MigrationExecutor(None)  # without a connection none counts as applied
    state = executor.loader.project_state([])
    for migration, _ in executor.migration_plan(executor.loader.graph.leaf_nodes()):
        state, statements = apply_on_paper(migration, state)
        linter.statements[migration.app_label, migration.name] = statements
        if migration.app_label in APPS:
            yield migration


def findings() -> Iterator[str]:
    """Yield a line for each migration that is refused, and for each outdated entry of ACCEPTED."""
    linter = Linter()
    refused = {
        f"{migration.app_label}.{migration.name}": complaints
        for migration in read_migrations(linter)
        if (complaints := linter.complaints(migration))
    }
    for name in refused.keys() - ACCEPTED.keys():
        yield f"{name}: {refused[name]}. {ADVICE}."
    for name in ACCEPTED.keys() - refused.keys():
        yield f"{name} is in ACCEPTED, but the linter does not refuse it."


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
    django.setup()
    missing = {"PostgreSQL"} & set(missing_servers(settings.ENVIRONMENT))
    with embedded_servers(settings.DATA_DIR, names=tuple(missing)):
        found = sorted(findings())
    print("\n".join(found), end="\n" if found else "")  # noqa: T201 its output
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
