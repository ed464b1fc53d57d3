"""Restores a backup: replaces the database and the files, or changes nothing."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, cast

import psycopg
import redis
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from psycopg import sql

from jobs.models import Candidate
from jobs.privacy.anonymisation import candidates_anonymise
from monitoring.backups.models import Backup
from project.backups import BackupError, files, programs
from project.backups.archive import CHUNK_BYTES, DUMP, Manifest, read_archive
from project.backups.live_processes import close_own_connections, refuse_live_processes
from project.backups.verification import feed, opened
from project.release import release_name
from realtime import site_identity
from realtime.redis_connection import redis_connection
from realtime.relay.epochs import RENEW
from realtime.session_connection import connect

LOCK_SECONDS = 30  # for a session that has come in spite of the check
# The schema itself stays, with the rights and default rights that other roles have in it.
# A transaction of its own: with --single-transaction psql would commit the part of a script that it
# got from a process that was killed.
BEFORE = """BEGIN; SET statement_timeout = 0; SET lock_timeout = {timeout};
SET search_path TO {schema};
DO $$
DECLARE one text;
BEGIN
    FOR one IN
        SELECT format('DROP %s IF EXISTS %s CASCADE', kind, oid::regclass)
        FROM pg_class JOIN (VALUES
            ('r', 'TABLE'), ('p', 'TABLE'), ('v', 'VIEW'), ('m', 'MATERIALIZED VIEW')
        ) AS kinds (code, kind) ON code = relkind::text
        WHERE relnamespace = current_schema()::regnamespace
    LOOP EXECUTE one; END LOOP;
    FOR one IN
        SELECT format('DROP SEQUENCE IF EXISTS %s CASCADE', oid::regclass)
        FROM pg_class WHERE relkind = 'S' AND relnamespace = current_schema()::regnamespace
    LOOP EXECUTE one; END LOOP;
    FOR one IN
        SELECT format('DROP ROUTINE IF EXISTS %s CASCADE', oid::regprocedure)
        FROM pg_proc WHERE pronamespace = current_schema()::regnamespace
            AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e')
    LOOP EXECUTE one; END LOOP;
END $$;
"""
# Part of the restoring transaction: at no time can a browser resume where the backup ended.
# Heartbeats are those of processes that no longer run.
# Candidates to erase again are known from now on to the restored database too: the old one is gone
# if the command is interrupted before it erases them. Only those that exist again: the id of a
# candidate who was created after the backup will be given to another one.
AFTER = """SET search_path TO {schema}; {renew}; DELETE FROM realtime_heartbeat;
INSERT INTO monitoring_auditentry (at, action, label, ids, count, fields, source, request_id)
SELECT now(), 'anonymise', 'jobs.candidate', array_agg(id), count(*), '{{}}', 'restore', ''
FROM jobs_candidate WHERE id = ANY({erased}) AND anonymised_at IS NULL HAVING count(*) > 0;
COMMIT;
"""
# At any time: an erasure that was committed after the backup's snapshot may have begun before it.
ERASED = """
    SELECT DISTINCT unnest(ids) FROM monitoring_auditentry
    WHERE action = 'anonymise' AND label = 'jobs.candidate'
"""


class Restoration:
    """The restore of one archive: unpacked and verified first, then the database, then the files.

    erased_again: ids of the candidates who were erased after the backup, and now again.
    is_redis_empty: False if Redis did not answer.
    """

    def __init__(self, archive: Path, identity: Path | None = None) -> None:
        self._archive, self._identity = archive, identity
        self._erased: list[int] = []
        self.erased_again: list[int] = []
        self.is_redis_empty = False

    def run(self) -> Manifest:
        """Restore the archive, and return its manifest. Raises BackupError.

        Until the database is replaced, nothing that is in use has changed.
        """
        with connect() as session:
            refuse_live_processes(session)
            major = programs.server_major(session)
        files.clear_staging()
        try:
            # Without a name, as it is not encrypted: it ends with this process.
            with TemporaryFile(dir=_room_for_dump()) as dump:
                manifest = self._unpack(dump)
                _refuse_newer_version(manifest)
                self._replace_database(dump, programs.directory_for(major))
            files.replace_files()
        finally:
            files.clear_staging()
        self._finish(manifest)
        return manifest

    def _unpack(self, dump: IO[bytes]) -> Manifest:
        """Write the members to their staging directories, and verify all of them."""

        def take(name: str, content: Iterator[bytes]) -> None:
            if name == DUMP:
                dump.writelines(content)
                return
            path = _staged_path(name)
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("xb") as target:
                target.writelines(content)

        with _for_owner_only(), opened(self._archive, self._identity) as stream:
            for directory in files.directories().values():
                files.staged(directory).mkdir(parents=True)
            manifest = read_archive(stream, take)
        with connect() as session:
            self._erased = _erased(session)
        return manifest

    def _replace_database(self, dump: IO[bytes], directory: Path) -> None:
        """Drop what is in the schema and restore the dump, in one transaction."""
        with connect() as session:
            refuse_live_processes(session)
            row = session.execute("SELECT current_schema()").fetchone()
            name = row[0] if row and row[0] else "public"
            schema = sql.Identifier(name)
            texts = (
                sql.SQL(BEFORE).format(schema=schema, timeout=sql.Literal(f"{LOCK_SECONDS}s")),
                sql.SQL(AFTER).format(
                    schema=schema, renew=sql.SQL(RENEW), erased=sql.Literal(self._erased)
                ),
            )
            before, after = (text.as_string(session).encode() for text in texts)
        _execute(directory, dump, name, before, after)

    def _finish(self, manifest: Manifest) -> None:
        """Bring the database up to date, erase again, and forget what Redis knows."""
        if _is_older(manifest):
            call_command("migrate", interactive=False, verbosity=0)
        taken_at = datetime.fromisoformat(manifest.taken_at)
        Backup.objects.get_or_create(
            taken_at=taken_at,
            defaults={
                "size": self._archive.stat().st_size,
                "seconds": 0,
                "is_encrypted": self._archive.suffix != ".tar",
            },
        )
        self.erased_again = erase_again(self._erased)
        self.is_redis_empty = empty_redis()
        connection.close()


def _is_older(manifest: Manifest) -> bool:
    """Whether another version made the backup; `migrate` also updates groups and the schedule."""
    known = {".".join(key) for key in MigrationLoader(None).disk_migrations}
    return manifest.version != release_name(settings.BASE_DIR) or known != set(manifest.migrations)


def erase_again(ids: list[int]) -> list[int]:
    """Anonymise those of these candidates who are back. Returns their ids."""
    back = Candidate.objects.filter(pk__in=ids, anonymised_at=None).values_list("pk", flat=True)
    return candidates_anonymise(candidates=list(back), by=None) if back else []


def empty_redis() -> bool:
    """Delete the keys of this site: caches and queued messages belong to the lost history.

    Returns False if Redis does not answer.
    """
    try:
        server = redis_connection()
        for key in server.scan_iter(match=f"{site_identity.prefix()}:*", count=1000):
            server.unlink(key)
    except redis.RedisError:
        return False
    return True


def _room_for_dump() -> Path:
    """A directory on the file system of the private files, which holds the largest ones."""
    directory = files.directories()["private"]
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    return directory


def _staged_path(name: str) -> Path:
    kind, _, rest = name.partition("/")
    return files.staged(files.directories()[kind]) / rest


@contextmanager
def _for_owner_only() -> Iterator[None]:
    """New files and directories are closed to other accounts, as the storages make them."""
    earlier = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(earlier)


def _refuse_newer_version(manifest: Manifest) -> None:
    known = {".".join(key) for key in MigrationLoader(None).disk_migrations}
    unknown = [name for name in manifest.migrations if name not in known]
    if unknown:
        raise BackupError(
            f"The backup is of a newer version, {manifest.version}: this one does not know the "
            f"migration {unknown[0]}. Install that version, then restore."
        )


def _erased(session: psycopg.Connection) -> list[int]:
    """The candidates who were ever erased, as far as this database knows."""
    row = session.execute("SELECT to_regclass('monitoring_auditentry') IS NOT NULL").fetchone()
    if row != (True,):
        return []
    return [pk for (pk,) in session.execute(ERASED)]


def _execute(directory: Path, dump: IO[bytes], schema: str, before: bytes, after: bytes) -> None:
    """Run the dump's statements between two others, all or nothing. Raises BackupError."""
    close_own_connections()
    dump.seek(0)
    address, environment = programs.address()
    with TemporaryFile() as errors:
        reading = subprocess.Popen(
            [
                *(directory / "pg_restore", "--no-owner", "--no-privileges"),
                *(f"--schema={schema}", "--file=-"),  # the schema's content, not itself
            ],
            stdin=dump,
            stdout=subprocess.PIPE,
            stderr=errors,
        )
        writing = subprocess.Popen(
            [
                *(directory / "psql", "--no-psqlrc", "--quiet", "--no-password"),
                *("--set=ON_ERROR_STOP=1", f"--dbname={address}"),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            env=environment,
        )
        feed(
            cast(IO[bytes], writing.stdin),
            _joined(before, cast(IO[bytes], reading.stdout), after, reading),
        )
        cast(IO[bytes], reading.stdout).close()
        if writing.wait() != 0 or reading.wait() != 0:
            raise BackupError(f"The database was not changed: {programs.last_line(errors)}.")


def _joined(
    before: bytes, script: IO[bytes], after: bytes, reading: subprocess.Popen[bytes]
) -> Iterator[bytes]:
    """The whole script. If the dump breaks off, it ends in an error and nothing is committed."""
    yield before
    yield from iter(lambda: script.read(CHUNK_BYTES), b"")
    yield after if reading.wait() == 0 else b"SELECT the_dump_could_not_be_read;\n"
