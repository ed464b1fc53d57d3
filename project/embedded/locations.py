"""Where the embedded servers keep their files, and the addresses that follow from it."""

import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

DATABASE_NAME = "recruit"
SUPERUSER = "postgres"
POSTGRESQL_PORT = 5432  # no TCP port: it is part of the socket's name
SERVER_ACCOUNT = "pgserver"  # PostgreSQL refuses to run as root; the wheel's name for the account
MAX_SOCKET_PATH_BYTES = 100  # the kernel's limit is 108 on Linux and 104 on macOS
LONGEST_SOCKET_NAME = f".s.PGSQL.{POSTGRESQL_PORT}"


class EmbeddedError(Exception):
    """An embedded server could not be started or reached; the message is one sentence."""


@dataclass(frozen=True, slots=True)
class Places:
    """The directories of one pair of embedded servers."""

    home: Path
    sockets: Path

    @property
    def postgresql(self) -> Path:
        return self.home / "postgresql"

    @property
    def valkey(self) -> Path:
        return self.home / "valkey"

    @property
    def valkey_socket(self) -> Path:
        return self.sockets / "valkey.sock"


def places(data_dir: Path) -> Places:
    """Where the servers of this data directory live; the same answer in every process.

    Usually below it. As root, a directory that the PostgreSQL account cannot reach gives way to
    /var/lib; a path too long for a socket gives way to a short one in /tmp.
    """
    key = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:12]
    home = data_dir
    if is_root() and not is_open_to_others(data_dir.parent):
        home = Path("/var/lib") / f"recruit-{key}"
    sockets = home / "sockets"
    if len(os.fsencode(sockets / LONGEST_SOCKET_NAME)) > MAX_SOCKET_PATH_BYTES:
        sockets = Path("/tmp") / f"recruit-{os.geteuid()}-{key}"  # noqa: S108  # made with 0700
    return Places(home, sockets)


def make_private(data_dir: Path) -> None:
    """Creates the data directory, and closes it to other accounts.

    As root, other accounts may still walk through it, but not list it: PostgreSQL runs under one of
    its own. Everything below is closed to them.
    """
    mode = 0o711 if is_root() else 0o700
    data_dir.mkdir(mode=mode, parents=True, exist_ok=True)
    if stat.S_IMODE(data_dir.stat().st_mode) != mode:
        data_dir.chmod(mode)


def is_root() -> bool:
    return os.geteuid() == 0


def is_open_to_others(path: Path) -> bool:
    """Whether any account may walk to this place."""
    existing = [step for step in (path, *path.parents) if step.exists()]
    return all(step.stat().st_mode & stat.S_IXOTH for step in existing)


def database_url(data_dir: Path) -> str:
    """The embedded PostgreSQL, over its private socket."""
    sockets = quote(str(places(data_dir).sockets))
    query = f"host={sockets}&port={POSTGRESQL_PORT}"
    return f"postgresql://{SUPERUSER}@/{DATABASE_NAME}?{query}"


def redis_url(data_dir: Path) -> str:
    """The embedded Valkey, over its private socket, as Django and channels write it."""
    return f"unix://{quote(str(places(data_dir).valkey_socket))}"


def celery_url(redis_url: str) -> str:
    """The same server as Celery writes it: `redis+socket://`, with `db` as `virtual_host`."""
    if not redis_url.startswith("unix://"):
        return redis_url
    return "redis+socket://" + redis_url.removeprefix("unix://").replace("?db=", "?virtual_host=")
