"""PostgreSQL's client programs, and the connection that they use."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import IO

import psycopg
from psycopg.conninfo import make_conninfo

from project.backups import BackupError
from project.embedded import EmbeddedError, wheel
from realtime.session_connection import connection_parameters

NEEDED = ("pg_dump", "pg_restore", "psql")
VERSION = re.compile(r"\(PostgreSQL\) (\d+)")


def directory_for(server_major: int) -> Path:
    """Return the directory of the programs that fit a server of this major version.

    Older programs cannot dump it, and newer ones write settings that it may not know; so this is
    the lowest version that is not older. Raises BackupError if there is none.
    """
    fitting = {
        version: directory
        for directory in reversed(list(_directories()))
        if (version := _version(directory)) >= server_major
    }
    if not fitting:
        raise BackupError(
            f"{', '.join(NEEDED)} of PostgreSQL {server_major} or newer are missing: "
            f"install postgresql-client-{server_major}."
        )
    return fitting[min(fitting)]


def _directories() -> Iterable[Path]:
    """The places where all programs are found, the preferred ones first."""
    found = [Path(path) for path in os.get_exec_path()]
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    with suppress(EmbeddedError):
        found.append(wheel.directory() / wheel.INSTALLATION / "bin")
    return [one for one in found if all(shutil.which(name, path=one) for name in NEEDED)]


def _version(directory: Path) -> int:
    """The major version of pg_dump in this directory; 0 if it does not tell."""
    command = [str(directory / NEEDED[0]), "--version"]
    said = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    found = VERSION.search(said)
    return int(found[1]) if found else 0


def server_major(session: psycopg.Connection) -> int:
    return session.info.server_version // 10_000


def address() -> tuple[str, dict[str, str]]:
    """Return the connection string without the password, and the environment that holds it."""
    parameters = connection_parameters()
    password = parameters.pop("password", None)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    if password:
        environment["PGPASSWORD"] = password
    return make_conninfo(**parameters), environment


def last_line(errors: IO[bytes]) -> str:
    """The last line that a program has written to this file about its failure."""
    errors.seek(0)
    lines = errors.read().decode(errors="replace").strip().splitlines() or ["no output"]
    chosen = [line for line in lines if "ERROR:" in line or "error:" in line] or lines
    return chosen[-1].strip().rstrip(".")
