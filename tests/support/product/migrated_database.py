"""Creates a worker's database from a dump of the migrated schema, which an earlier run has saved.

Applying all migrations takes ten seconds per worker. The dump is taken after the last migration and
before the receivers of `post_migrate`, and its name is a digest of all migrations, so a changed or
new one is applied from the start. Django then still runs `migrate`: it finds nothing to apply, and
its receivers create groups, permissions and rounds as the code of today says.
"""

from __future__ import annotations

import hashlib
import inspect
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management.commands import migrate
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from project.embedded import postgresql, wheel
from project.embedded.locations import POSTGRESQL_PORT, SUPERUSER, Places, places
from tests.support.product.servers import SESSION_VARIABLE


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, request: pytest.FixtureRequest
) -> Iterator[None]:
    """Restores the dump, or saves it as soon as the migrations have been applied."""
    dump = request.config.cache.mkdir("migrations") / f"{migrations_digest()}.sql"
    at = places(Path(os.environ[SESSION_VARIABLE]))
    name = connection.creation._get_test_db_name()
    with pytest.MonkeyPatch.context() as patch:
        if dump.exists():
            postgresql.create_database(at, name)
            run(at, "psql", "-q", "-v", "ON_ERROR_STOP=1", "-o", os.devnull, "-f", str(dump), name)
        else:
            save_after_migrations(patch, at, name, dump)
        yield


def migrations_digest() -> str:
    """Identifies the content of all migrations, and the version of the server."""
    digest = hashlib.sha256(wheel.INSTALLATION.encode())
    migrations = MigrationLoader(None, ignore_no_migrations=True).disk_migrations
    for key, migration in sorted(migrations.items()):
        source = inspect.getfile(sys.modules[type(migration).__module__])
        digest.update("/".join(key).encode() + Path(source).read_bytes())
    return digest.hexdigest()[:32]


def save_after_migrations(patch: pytest.MonkeyPatch, at: Places, name: str, dump: Path) -> None:
    emit = migrate.emit_post_migrate_signal

    def save_then_emit(*args: Any, **kwargs: Any) -> None:
        patch.undo()
        unfinished = dump.with_suffix(f".{os.getpid()}")  # each worker writes its own
        run(at, "pg_dump", "--no-owner", "-f", str(unfinished), name)
        for outdated in dump.parent.glob("*.sql"):
            outdated.unlink(missing_ok=True)
        unfinished.rename(dump)
        emit(*args, **kwargs)

    patch.setattr(migrate, "emit_post_migrate_signal", save_then_emit)


def run(at: Places, program: str, *arguments: str) -> None:
    """Runs a client program of the server that the session has started."""
    address = ["-h", str(at.sockets), "-p", str(POSTGRESQL_PORT), "-U", SUPERUSER]
    subprocess.run([wheel.programs(at) / program, *address, *arguments], check=True)
