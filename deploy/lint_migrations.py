"""`python -m deploy.lint_migrations`: migrations that the previous version cannot run beside.

During a deployment, and after a rollback, the previous version works on the migrated database. So a
migration only adds what the previous version can ignore (expand); what no version needs any more is
removed by a later release (contract), and listed in ACCEPTED. Indexes are built concurrently, so
that nobody waits. A constraint rejects what the previous version inserts, so a migration that adds
one states the release that already obeys it (`obeyed_since`). django-migration-linter reads the SQL
of every migration. Part of `make check`.

Prints a line for every find and exits with 1 if there is one.
"""

from __future__ import annotations

import io
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import redirect_stdout
from typing import Any

import django
from django.conf import settings
from django.db import connection
from django.db.migrations import Migration, RunSQL
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
    "realtime.0009_api_tokens": BEFORE,
    "realtime.0014_token_scopes_and_sign_ins": BEFORE,
}
ADVICE = "Add columns with db_default or null=True, and indexes with AddIndexConcurrently"


OTHER_TEXT = re.compile(r"""'(?:[^']|'')*'|--[^\n]*|/\*.*?\*/|"([^"]+)\"""", re.DOTALL)
FUNCTION = re.compile(r"^(CREATE (?:OR REPLACE )?(?:FUNCTION|PROCEDURE) .*?)(\$\w*\$).*\2")
OPTIONAL = re.compile(r"\b(?:IF NOT EXISTS|IF EXISTS|ONLY|PUBLIC\s*\.) ?")
ACTIONS = re.compile(r", (?=(?:ADD|DROP|ALTER|RENAME|VALIDATE)\b)")


def normalize(text: str) -> list[str]:
    """Return the statements of some SQL in one spelling, so that a rule needs one pattern for each.

    They are in upper case, on one line, and without quotes, literals, comments, words that make no
    difference here, and the bodies of functions. Blocks (DO $$ … $$) are taken apart. Each action
    of an ALTER TABLE is a statement.
    """
    text = OTHER_TEXT.sub(lambda found: found[1] or ("''" if found[0][0] == "'" else " "), text)
    text = OPTIONAL.sub("", " ".join(text.upper().split()))
    parts = [part.strip() for part in FUNCTION.sub(r"\1", text).split(";")]
    return [action for part in parts if part for action in _actions(part)]


def _actions(statement: str) -> list[str]:
    first, *others = ACTIONS.split(statement)
    if not (table := re.match(r"ALTER TABLE \w+ ", first)):
        return [statement]
    return [first, *(table[0] + other for other in others)]


def _refuses(pattern: str) -> Callable[..., bool]:
    """Return a function: are there such statements, except on tables that the migration creates?

    pattern: the group that matches is the table
    """

    def refuses(statements: Iterable[str], **_: Any) -> bool:
        text = list(statements)
        created = {
            found[1] for one in text if (found := re.search(r"\bCREATE (?:\w+ )?TABLE (\w+)", one))
        }
        tables = {found[found.lastindex or 0] for one in text if (found := re.search(pattern, one))}
        return bool(tables - created)

    return refuses


def _rule(code: str, pattern: str, message: str) -> Check:
    """Return a rule that refuses statements of this pattern, except on a table that is new.

    It replaces the linter's rule of the same code. Those look at the first such statement of a
    migration only, or at statements as Django spells them, or let one column's default stand for
    another's.
    """
    return Check(
        code=code,
        fn=_refuses(pattern),
        message=message,
        mode=CheckMode.TRANSACTION,
        type=CheckType.ERROR,
    )


class Analyser(PostgresqlAnalyser):
    """The linter's rules for PostgreSQL, some of them replaced by stricter ones."""

    migration_checks = [
        *PostgresqlAnalyser.migration_checks,
        _rule(
            "CREATE_INDEX",
            r"\bCREATE (?:UNIQUE )?INDEX (?!CONCURRENTLY)(?:\S+ )?ON (\w+)",
            "CREATE INDEX locks table",
        ),
        _rule(
            "ADD_UNIQUE",
            r"\bCREATE UNIQUE INDEX (?:CONCURRENTLY )?(?:\S+ )?ON (\w+)"
            r"|\bALTER TABLE (\w+) ADD (?:CONSTRAINT \S+ )?(?:UNIQUE|PRIMARY KEY)\b",
            "ADDING unique constraint",
        ),
        _rule("DROP_TABLE", r"\bDROP TABLE (\w+)", "DROPPING table"),
        _rule(
            "DROP_COLUMN",
            r"\bALTER TABLE (\w+) DROP (?!CONSTRAINT\b)",
            "DROPPING columns",
        ),
        _rule(
            "RENAME_COLUMN",
            r"\bALTER TABLE (\w+) RENAME (?!TO\b|CONSTRAINT\b)",
            "RENAMING columns",
        ),
        _rule(
            "ALTER_COLUMN",
            r"\bALTER TABLE (\w+) ALTER (?:COLUMN )?\S+ (?:SET DATA )?TYPE\b",
            "ALTERING columns",
        ),
        _rule(
            "NO_DEFAULT",
            r"\bALTER TABLE (\w+) (?:ALTER (?:COLUMN )?\S+ (?:DROP DEFAULT|SET NOT NULL)"
            r"|ADD (?!CONSTRAINT\b|CHECK\b)(?!.* DEFAULT ).* NOT NULL)",
            "The previous version inserts rows without a column that needs a value",
        ),
        _rule(
            "VALIDATED_CONSTRAINT",
            r"\bALTER TABLE (\w+) ADD (?:CONSTRAINT \S+ )?(?:CHECK|EXCLUDE)\b(?!.*NOT VALID)",
            "All rows are checked under a lock: use AddConstraintNotValid and ValidateConstraint",
        ),
        _rule(
            "LOCK_TABLE",
            r"\bLOCK (?:TABLE )?(\w+)",
            "LOCK TABLE stops the previous version",
        ),
        _rule(
            "ALL_ROWS",
            r"\bUPDATE (\w+)(?: AS)?(?: \w+)? SET (?!.*\bWHERE\b)"
            r"|\bDELETE FROM (\w+)(?!.*\bWHERE\b)"
            r"|(?<!BEFORE )(?<!AFTER )(?<!OR )\bTRUNCATE (?:TABLE )?(\w+)",
            "Rows are changed without a bound, and locked until all are: work in batches",
        ),
    ]


adds_constraint = _refuses(r"\bALTER TABLE (\w+) ADD (?:CONSTRAINT \S+ )?CHECK\b.*NOT VALID")
NOT_OBEYED = (
    "The constraint rejects what the previous version inserts: let a release obey it first, and "
    "state that release in the migration (obeyed_since)"
)


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

    def lint_runsql(self, runsql: RunSQL) -> Any:
        """Look only whether it can be reversed: its SQL is among the statements."""
        reverse = RunSQL.noop if runsql.reversible else None
        return super().lint_runsql(RunSQL(RunSQL.noop, reverse))

    def complaints(self, migration: Migration) -> str:
        """Return what is wrong with a migration; "" if nothing is."""
        self.reset_counters()
        with redirect_stdout(io.StringIO()) as printed:
            self.lint_migration(migration)
        _title, *lines = printed.getvalue().splitlines() if self.has_errors else [""]
        statements = self.get_sql(migration.app_label, migration.name)
        if adds_constraint(statements) and not getattr(migration, "obeyed_since", ""):
            lines.append(NOT_OBEYED)
        return "; ".join(dict.fromkeys(line.strip() for line in lines))


def apply_on_paper(migration: Migration, state: ProjectState) -> tuple[ProjectState, list[str]]:
    """Return the state of the models after a migration, and its statements, normalized."""
    with connection.schema_editor(collect_sql=True, atomic=migration.atomic) as editor:
        state = migration.apply(state, editor, collect_sql=True)
    statements = [one for text in editor.collected_sql for one in normalize(text)]
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
