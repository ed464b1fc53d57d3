"""Makes a backup: a dump of one snapshot of the database, and the files that belong to it."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import IO

import psycopg
from django.conf import settings
from django.utils import timezone
from psycopg import sql

from monitoring.backups.models import Backup
from project.backups import BackupError, encryption, files, programs
from project.backups.archive import DUMP, FORMAT, ArchiveWriter, Manifest
from project.release import release_name
from realtime.session_connection import connect

UNFINISHED, ABANDONED_AFTER = ".unfinished-", timedelta(days=1)
PREFIX, ENDING = "recruit-", ".tar"
TIME_FORMAT = "%Y-%m-%dT%H-%M-%SZ"


@dataclass(frozen=True, slots=True, kw_only=True)
class Created:
    """A finished backup."""

    path: Path
    manifest: Manifest
    size: int
    seconds: float


def create(directory: Path) -> Created:
    """Write an archive to this directory, and record it. Raises BackupError.

    The archive appears under its name only when it is complete.
    """
    began = time.monotonic()
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        _delete_unfinished(directory)
        with TemporaryDirectory(prefix=UNFINISHED, dir=directory) as unfinished:
            manifest, written = _write(Path(unfinished))
            at = datetime.fromisoformat(manifest.taken_at)
            path = directory / f"{PREFIX}{at:{TIME_FORMAT}}{ENDING}{encryption.suffix()}"
            written.rename(path)
    except OSError as error:
        raise BackupError(f"{directory} cannot be written: {error.strerror}.") from error
    size, seconds = path.stat().st_size, time.monotonic() - began
    # A backup of the same second has just been replaced, too.
    Backup.objects.update_or_create(
        taken_at=at,
        defaults={
            "size": size,
            "seconds": seconds,
            "is_encrypted": bool(encryption.method()),
        },
    )
    return Created(path=path, manifest=manifest, size=size, seconds=seconds)


def _delete_unfinished(directory: Path) -> None:
    """Delete what killed backups have left: they take the space of the next ones."""
    limit = (timezone.now() - ABANDONED_AFTER).timestamp()
    for path in directory.glob(f"{UNFINISHED}*"):
        if path.stat().st_mtime < limit:
            shutil.rmtree(path, ignore_errors=True)


def _write(unfinished: Path) -> tuple[Manifest, Path]:
    archive = unfinished / "archive"
    archive.touch(mode=0o600)
    # The dump is not encrypted, so it has no name: nothing is left of it if this process is killed.
    with TemporaryFile(dir=unfinished) as dump, archive.open("wb") as target:
        with _snapshot() as (session, snapshot):
            manifest, referenced = _describe(session)
            _dump(session, snapshot, dump)
        with encryption.encrypting(target) as stream:
            writer = ArchiveWriter(stream)
            writer.add(DUMP, dump)
            dump.truncate(0)
            for name, path in files.existing_files():
                _add(writer, name, path)
            manifest.members.update(writer.members)
            manifest.missing.extend(sorted(referenced - writer.members.keys()))
            writer.finish(manifest)
        target.flush()
        os.fsync(target.fileno())
    return manifest, archive


def _add(writer: ArchiveWriter, name: str, path: Path) -> None:
    """Add a file. One that was deleted since the snapshot is listed as missing."""
    try:
        source = path.open("rb")
    except FileNotFoundError:
        return
    except OSError as error:
        raise BackupError(f"{path} cannot be read: {error.strerror}.") from error
    with source:
        writer.add(name, source)


@contextmanager
def _snapshot() -> Iterator[tuple[psycopg.Connection, str]]:
    """A transaction that sees one moment, and the name by which pg_dump sees the same."""
    with connect() as session:
        # Idle while pg_dump works, longer than a limit of the role permits. pg_dump lifts its own.
        session.execute("SET idle_in_transaction_session_timeout = 0")
        session.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        row = session.execute("SELECT pg_export_snapshot()").fetchone()
        assert row is not None
        yield session, row[0]


def _describe(session: psycopg.Connection) -> tuple[Manifest, set[str]]:
    """A manifest without members, and the names of all files that the database refers to."""
    applied = session.execute("SELECT app || '.' || name FROM django_migrations ORDER BY id")
    manifest = Manifest(
        format=FORMAT,
        taken_at=timezone.now().replace(microsecond=0).isoformat(),
        version=release_name(settings.BASE_DIR),
        postgresql=programs.server_major(session),
        migrations=[name for (name,) in applied],
    )
    referenced: set[str] = set()
    for table, column, directory in files.file_columns():
        query = sql.SQL("SELECT {0} FROM {1} WHERE {0} <> ''").format(
            sql.Identifier(column), sql.Identifier(table)
        )
        referenced |= {f"{directory}/{name}" for (name,) in session.execute(query)}
    return manifest, referenced


def _dump(session: psycopg.Connection, snapshot: str, target: IO[bytes]) -> None:
    """Raises BackupError if pg_dump is missing or fails."""
    row = session.execute("SELECT current_schema()").fetchone()
    assert row is not None
    address, environment = programs.address()
    program = programs.directory_for(programs.server_major(session)) / "pg_dump"
    with TemporaryFile() as errors:
        options = ["--format=custom", "--no-owner", "--no-privileges", "--no-password"]
        command: list[str | Path] = [program, *options]
        command += [f"--schema={row[0]}", f"--snapshot={snapshot}"]
        done = subprocess.run(
            [*command, f"--dbname={address}"],
            stdout=target,
            stderr=errors,
            env=environment,
            check=False,
        )
        if done.returncode != 0:
            raise BackupError(f"pg_dump failed: {programs.last_line(errors)}.")


def delete_old(directory: Path, *, keep_days: int, now: datetime) -> list[Path]:
    """Delete the archives older than this, but never the newest. Returns the deleted ones.

    keep_days: 0 deletes none. Other files in the directory are left alone.
    """
    times = {path: taken_at(path) for path in directory.glob(f"{PREFIX}*{ENDING}*")}
    archives = sorted((at, path) for path, at in times.items() if at is not None)
    limit = now - timedelta(days=keep_days)
    old = [path for at, path in archives[:-1] if keep_days and at < limit]
    for path in old:
        path.unlink()
    return old


def taken_at(path: Path) -> datetime | None:
    """The time in an archive's name, or None if the name is not that of an archive."""
    name = path.name.removeprefix(PREFIX).partition(ENDING)[0]
    try:
        return datetime.strptime(name, TIME_FORMAT).replace(tzinfo=UTC)
    except ValueError:
        return None
