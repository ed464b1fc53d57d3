"""Checks that an archive is complete and can be read, without changing anything."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, cast

from project.backups import BackupError, encryption, programs
from project.backups.archive import DUMP, Manifest, read_archive
from realtime.session_connection import connect


def check(archive: Path, identity: Path | None = None) -> Manifest:
    """Read the whole archive, compare all checksums, and let pg_restore read the whole dump.

    identity: the private key's file, for age. Raises BackupError if anything is wrong.
    """
    with connect() as session:
        pg_restore = programs.directory_for(programs.server_major(session)) / "pg_restore"

    def take(name: str, content: Iterator[bytes]) -> None:
        if name == DUMP:
            _read_dump(pg_restore, content)

    with opened(archive, identity) as stream:
        return read_archive(stream, take)


def opened(archive: Path, identity: Path | None) -> encryption.Decrypted:
    """Open an archive. Raises BackupError if there is none."""
    if not archive.is_file():
        raise BackupError(f"There is no archive at {archive}.")
    return encryption.decrypting(archive, identity)


def _read_dump(pg_restore: Path, content: Iterator[bytes]) -> None:
    with TemporaryFile() as errors:
        process = subprocess.Popen(
            [pg_restore, "--file=/dev/null"], stdin=subprocess.PIPE, stderr=errors
        )
        feed(cast(IO[bytes], process.stdin), content)
        if process.wait() != 0:
            raise BackupError(f"pg_restore cannot read the dump: {programs.last_line(errors)}.")


def feed(target: IO[bytes], content: Iterator[bytes]) -> None:
    """Write everything to a program's input and close it. Stops if the program has ended."""
    try:
        with target:
            for chunk in content:
                target.write(chunk)
    except BrokenPipeError:
        return  # its exit code says why
