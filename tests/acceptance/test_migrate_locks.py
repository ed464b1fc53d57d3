"""`manage.py migrate` beside long transactions, with a server of its own."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.support.product.private_servers import PrivateServers, private_servers
from tests.support.product.processes import Running, data_directory
from tests.support.product.versions import add_migration, copy_product
from tests.support.wait import until

pytestmark = [
    pytest.mark.processes,
    pytest.mark.django_db(transaction=True),
    pytest.mark.timeout(300),  # each command loads the product, on a machine that may be busy
]
LOCK_SECONDS = 0.5
ADD_COLUMN = "[migrations.AddField('interview', 'later', models.TextField(db_default=''))]"
ADD_INDEX = (
    "[AddIndexConcurrently('interview', models.Index(fields=['reason'], name='by_reason'))]\n"
    "    atomic = False"
)
WAITING_FOR_INDEX = (
    "SELECT pid FROM pg_stat_activity WHERE query LIKE '%%INDEX CONCURRENTLY%%' "
    "AND state = 'active' AND wait_event_type = 'Lock' "
    "AND clock_timestamp() - query_start > %s * interval '1 second'"
)
IS_VALID = "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('by_reason')"


@pytest.fixture
def server(transactional_db: None) -> Iterator[PrivateServers]:
    with data_directory() as directory, private_servers(directory, "PostgreSQL") as servers:
        servers.copy_database()
        yield servers


def session(server: PrivateServers, *, autocommit: bool = True) -> psycopg.Connection:
    return psycopg.connect(server.env["DATABASE_URL"], autocommit=autocommit)


@pytest.fixture
def long_import(server: PrivateServers) -> Iterator[psycopg.Connection]:
    """A long transaction that writes interviews, and so holds a lock on their table."""
    with session(server, autocommit=False) as connection:
        connection.execute("LOCK TABLE interview_interview IN ROW EXCLUSIVE MODE")
        yield connection


def migrate(product: Path, server: PrivateServers, *options: str) -> Running:
    command = ["manage.py", "migrate", "--lock-timeout", str(LOCK_SECONDS), *options]
    return Running("migrate", ["env", f"--chdir={product}", sys.executable, *command], server.env)


def product_with(migration: str, directory: Path) -> Path:
    """Returns a copy of the product with one more migration."""
    product = copy_product(directory)
    add_migration(product, "interview", migration)
    return product


def test_a_migration_that_waits_for_a_lock_does_not_stop_the_site(
    server: PrivateServers, long_import: psycopg.Connection, tmp_path: Path
) -> None:
    product = product_with(ADD_COLUMN, tmp_path)
    running = migrate(product, server)
    running.wait_for(r"A migration did not get its lock .*; again in 1 s")
    with session(server) as page:
        page.execute("SET statement_timeout = '5s'")  # behind a waiting migration it would fail
        page.execute("SELECT count(*) FROM interview_interview")
    long_import.rollback()
    assert running.wait() == 0, running.output
    with session(server) as page:
        page.execute("SELECT later FROM interview_interview")


def test_a_migration_that_never_gets_its_lock_fails_and_changes_nothing(
    server: PrivateServers, long_import: psycopg.Connection, tmp_path: Path
) -> None:
    product = product_with(ADD_COLUMN, tmp_path)
    running = migrate(product, server, "--give-up-after", "0")
    assert running.wait() == 1
    assert "Nothing of it was changed" in running.output
    assert "Traceback" not in running.output
    with session(server) as page, pytest.raises(psycopg.errors.UndefinedColumn):
        page.execute("SELECT later FROM interview_interview")


def test_a_concurrent_index_waits_for_long_transactions_also_after_an_interruption(
    server: PrivateServers, long_import: psycopg.Connection, tmp_path: Path
) -> None:
    product = product_with(ADD_INDEX, tmp_path)
    interrupted = migrate(product, server)
    with session(server) as operator:
        until(lambda: operator.execute(WAITING_FOR_INDEX, [0]).fetchall())
        ((pid,),) = operator.execute(WAITING_FOR_INDEX, [0]).fetchall()
        operator.execute("SELECT pg_terminate_backend(%s)", [pid])
        assert interrupted.wait() == 1, interrupted.output
        assert operator.execute(IS_VALID).fetchall() == [(False,)], "the premise"
        again = migrate(product, server)
        until(lambda: operator.execute(WAITING_FOR_INDEX, [2 * LOCK_SECONDS]).fetchall())
        long_import.rollback()
        assert again.wait() == 0, again.output
        assert operator.execute(IS_VALID).fetchall() == [(True,)]
