"""`make check` refuses a migration that the previous version cannot run beside."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.contrib.postgres.operations import AddConstraintNotValid, AddIndexConcurrently
from django.db import migrations, models
from django.db.migrations import Migration
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

from deploy.lint_migrations import ACCEPTED, Linter, apply_on_paper
from tests.support.product.processes import environment
from tests.support.product.versions import add_migration, copy_product

pytestmark = pytest.mark.django_db(transaction=True)

AGE = models.Index(fields=["age"], name="by_age")
ADULT = models.CheckConstraint(condition=models.Q(age__gt=17), name="adult")
OTHER = migrations.CreateModel(
    "Other",
    [
        ("id", models.BigAutoField(primary_key=True)),
        ("person", models.ForeignKey("interview.Person", models.CASCADE)),
    ],
)


@pytest.fixture
def linter(transactional_db: None) -> Linter:
    return Linter()


def complaints(
    linter: Linter, *operations: Operation, atomic: bool = True, obeyed_since: str = ""
) -> str:
    """Returns what is wrong with a migration of these operations, after one for a table."""
    person = migrations.CreateModel(
        "Person",
        [
            ("id", models.BigAutoField(primary_key=True)),
            ("name", models.TextField()),
            ("age", models.IntegerField(null=True)),
        ],
    )
    before, after = Migration("0001_initial", "interview"), Migration("0002_next", "interview")
    before.operations, after.operations, after.atomic = [person], list(operations), atomic
    if obeyed_since:
        after.obeyed_since = obeyed_since  # type: ignore[attr-defined]
    state, _ = apply_on_paper(before, ProjectState())
    _, linter.statements["interview", "0002_next"] = apply_on_paper(after, state)
    return linter.complaints(after)


REFUSED: dict[str, tuple[list[Operation], str]] = {
    "dropped column": ([migrations.RemoveField("person", "age")], "DROPPING columns"),
    "dropped table": ([migrations.DeleteModel("Person")], "DROPPING table"),
    "renamed column": ([migrations.RenameField("person", "age", "years")], "RENAMING columns"),
    "renamed table": ([migrations.RenameModel("Person", "Human")], "RENAMING tables"),
    "NOT NULL without default": (
        [migrations.AddField("person", "city", models.TextField(default=""))],
        "needs a value",
    ),
    "NOT NULL without default, before a column with one": (
        [
            migrations.AddField("person", "city", models.TextField(default="")),
            migrations.AddField("person", "street", models.TextField(db_default="")),
        ],
        "needs a value",
    ),
    "NOT NULL later": (
        [migrations.AlterField("person", "age", models.IntegerField(default=0))],
        "needs a value",
    ),
    "index": ([migrations.AddIndex("person", AGE)], "CREATE INDEX locks table"),
    "index behind a new table": (
        [OTHER, migrations.AddIndex("person", AGE)],
        "CREATE INDEX locks table",
    ),
    "foreign key with its index": (
        [
            migrations.AddField(
                "person", "boss", models.ForeignKey("self", models.CASCADE, null=True)
            )
        ],
        "CREATE INDEX locks table",
    ),
    "dropped index": (
        [migrations.RunSQL('DROP INDEX "by_age"', migrations.RunSQL.noop)],
        "DROP INDEX locks table",
    ),
    "constraint on all rows": ([migrations.AddConstraint("person", ADULT)], "under a lock"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_migration_that_breaks_or_stops_the_previous_version_is_refused(
    linter: Linter, what: str
) -> None:
    operations, reason = REFUSED[what]
    assert reason in complaints(linter, *operations)


RAW: dict[str, str] = {
    "CREATE INDEX xx ON interview_person (age)": "CREATE INDEX locks table",
    "create unique index on public.interview_person\n  (age)": "CREATE INDEX locks table",
    "create unique index concurrently xx on interview_person (age)": "ADDING unique constraint",
    "alter table interview_person add unique (age)": "ADDING unique constraint",
    "drop index xx": "DROP INDEX locks table",
    "alter table interview_person\n  drop column age": "DROPPING columns",
    "ALTER TABLE IF EXISTS interview_person DROP age": "DROPPING columns",
    "alter table only interview_person rename age to years": "RENAMING columns",
    "alter table interview_person rename to human": "RENAMING tables",
    "alter table interview_person alter age type text": "ALTERING columns",
    "drop table interview_person": "DROPPING table",
    "DO $$ BEGIN\n  IF true THEN DROP TABLE interview_person; END IF;\nEND $$": "DROPPING table",
    "alter table interview_person add city text not null": "needs a value",
    "alter table interview_person add a int default 0, add b int not null": "needs a value",
    "alter table interview_person alter age set not null": "needs a value",
    "alter table interview_person add check (age > 17)": "under a lock",
    "LOCK TABLE interview_person": "LOCK TABLE",
    "lock interview_person in share mode -- briefly": "LOCK TABLE",
    "truncate interview_person": "without a bound",
    "UPDATE interview_person SET age = 1": "without a bound",
    "update interview_person as p\n  set name = ' where ' /* where */": "without a bound",
    "delete from interview_person": "without a bound",
}


@pytest.mark.parametrize("sql", RAW)
def test_handwritten_sql_is_read_in_any_spelling(linter: Linter, sql: str) -> None:
    assert RAW[sql] in complaints(linter, migrations.RunSQL(sql, migrations.RunSQL.noop))


def test_a_constraint_is_refused_until_the_previous_version_obeys_it(linter: Linter) -> None:
    """Also one that is not validated yet: it rejects what the previous version inserts."""
    added = AddConstraintNotValid("person", ADULT)
    assert "obeyed_since" in complaints(linter, added)
    assert complaints(linter, added, obeyed_since="0.2.0") == ""
    assert "under a lock" in complaints(
        linter, migrations.AddConstraint("person", ADULT), obeyed_since="0.2.0"
    )


ALLOWED: dict[str, tuple[list[Operation], bool]] = {
    "new table with indexes": ([OTHER], True),
    "column that may be null": (
        [migrations.AddField("person", "city", models.TextField(null=True))],
        True,
    ),
    "column with a default of the database": (
        [migrations.AddField("person", "city", models.TextField(db_default="", default=""))],
        True,
    ),
    "index that is built concurrently": ([AddIndexConcurrently("person", AGE)], False),
    "constraint of a new table": (
        [
            OTHER,
            migrations.AddConstraint(
                "other", models.CheckConstraint(condition=models.Q(id__gt=0), name="counted")
            ),
        ],
        True,
    ),
    "rows that are named": (
        [migrations.RunSQL("update interview_person set age = 1 where id = 3", "")],
        True,
    ),
    "text and comments like statements": (
        [migrations.RunSQL("select 'DROP TABLE x; LOCK TABLE x' -- don't DROP COLUMN", "")],
        True,
    ),
    "body of a function that nothing calls yet": (
        [
            migrations.RunSQL(
                "create function clear() returns void as $$ begin\n"
                "  delete from interview_person;\nend $$ language plpgsql",
                "",
            )
        ],
        True,
    ),
}


@pytest.mark.parametrize("what", ALLOWED)
def test_a_migration_that_only_adds_is_allowed(linter: Linter, what: str) -> None:
    operations, atomic = ALLOWED[what]
    assert complaints(linter, *operations, atomic=atomic) == ""


def test_an_accepted_migration_has_a_reason() -> None:
    assert all(" " in reason for reason in ACCEPTED.values())


def test_the_command_names_the_migration_that_is_refused_and_accepts_the_others(
    tmp_path: Path,
) -> None:
    product = copy_product(tmp_path)
    name = add_migration(product, "interview", "[migrations.RemoveField('interview', 'reason')]")
    done = subprocess.run(
        [sys.executable, "-m", "deploy.lint_migrations"],
        cwd=product,
        env=os.environ | environment(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    (line,) = done.stdout.splitlines() or [done.stderr]
    assert line.startswith(f"{name}: DROPPING columns")
    assert "db_default" in line
