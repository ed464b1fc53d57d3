"""Two PostgreSQL servers, the second a streaming replica of the first, behind one address."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from project.embedded import postgresql
from project.embedded.locations import DATABASE_NAME, POSTGRESQL_PORT, SUPERUSER, Places, places
from project.embedded.sharing import embedded_servers
from tests.support import wait
from tests.support.product.private_servers import PrivateServers


class Pair:
    """A primary and its replica. `env` holds their common address, which moves with `fail_over`."""

    def __init__(self, data_dir: Path) -> None:
        self._directory = data_dir
        self._primary, self._replica = data_dir / "primary", data_dir / "replica"
        self._address = data_dir / "db"
        self._point_to(places(self._primary))
        host = quote(str(self._address))
        query = f"host={host}&port={POSTGRESQL_PORT}"
        self.env = {"DATABASE_URL": f"postgresql://{SUPERUSER}@/{DATABASE_NAME}?{query}"}

    def start_replica(self) -> None:
        """Copies the primary and follows it; returns when the replica has all changes so far."""
        at = places(self._replica)
        server = postgresql.Server(at)
        server.prepare_directories()
        source = ("-h", str(places(self._primary).sockets), "-p", str(POSTGRESQL_PORT))
        copy = ("-D", str(at.postgresql), "-R", "-X", "stream", "--checkpoint=fast")
        self._replica.chmod(0o777)  # the server's account creates the copy
        server.call("pg_basebackup", *source, "-U", SUPERUSER, *copy)
        server.start(durable=True)
        self.wait_for_replica()

    def wait_for_replica(self) -> None:
        """Waits until the replica has replayed all that the primary has written."""
        with postgresql.connect(places(self._primary)) as primary:
            (written,) = primary.execute("SELECT pg_current_wal_lsn()::text").fetchone() or ("",)
        with postgresql.connect(places(self._replica)) as replica:
            wait.until(
                lambda: (
                    replica.execute(
                        "SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn", [written]
                    ).fetchone()
                    == (True,)
                )
            )

    def stop_streaming(self) -> None:
        """From now on the replica receives nothing, as if the network between the two had failed.

        Returns when the primary has no replica any more.
        """
        with postgresql.connect(places(self._replica)) as replica:
            replica.execute("ALTER SYSTEM SET primary_conninfo = ''")
            replica.execute("SELECT pg_reload_conf()")
        with postgresql.connect(places(self._primary)) as primary:
            wait.until(
                lambda: (
                    primary.execute("SELECT count(*) FROM pg_stat_replication").fetchone() == (0,)
                )
            )

    def fail_over(self) -> None:
        """Kills the primary, promotes the replica, and moves the address to it."""
        PrivateServers(self._primary, ("PostgreSQL",)).kill("PostgreSQL")
        with postgresql.connect(places(self._replica)) as replica:
            assert replica.execute("SELECT pg_promote()").fetchone() == (True,)
        self._point_to(places(self._replica))

    def _point_to(self, at: Places) -> None:
        new = self._address.with_suffix(".new")
        new.symlink_to(at.sockets)
        new.replace(self._address)

    def stop_replica(self) -> None:
        if (places(self._replica).postgresql / "postmaster.pid").exists():
            postgresql.stop(places(self._replica))


@contextmanager
def primary_and_replica(data_dir: Path) -> Iterator[Pair]:
    """Runs the primary; the test starts the replica."""
    with embedded_servers(data_dir / "primary", names=("PostgreSQL",), durable=True):
        pair = Pair(data_dir)
        try:
            yield pair
        finally:
            pair.stop_replica()
