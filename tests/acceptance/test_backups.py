"""Backup and restore by their commands, with a server and files of their own."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import signal
import subprocess
import tarfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest
import redis
from django.contrib.auth.models import User

from monitoring.backups.models import Backup
from project.backups import BackupError, creation
from project.backups.archive import ArchiveWriter
from project.management.commands.backup import RETRY_SECONDS
from tests.support.clients.board_visits import (
    BOARD,
    confirm,
    interviews,
    number_of_interviews,
    snapshot_after_hello,
    status,
)
from tests.support.clients.simulated_clients import connectors, open_pages, until
from tests.support.clients.websocket_client import visitor
from tests.support.external.programs import DEPLOY, installed
from tests.support.product.clock import frozen
from tests.support.product.private_servers import PrivateServers, private_servers
from tests.support.product.processes import MANAGE, Running, Site, data_directory
from tests.support.traffic.process import traffic_process
from tests.support.wait import until as wait_until

pytestmark = [
    pytest.mark.processes,
    pytest.mark.django_db(transaction=True),
    pytest.mark.timeout(600),  # each command loads the product, on a machine that may be busy
]
COMMAND_SECONDS = 120.0
RESUME, UPLOAD = "private/aa/resume.pdf", "media/imports/upload.csv"
HIDDEN = "media/imports/.thumbnails/..first"


class Machine:
    """A site with its own database and files, of which only the commands run."""

    def __init__(self, servers: PrivateServers, directory: Path) -> None:
        self.directory = directory
        self.env = servers.env | {"DATA_DIR": str(directory)}

    def run(self, *command: str, **env: str) -> str:
        """Runs a command of the product that must succeed; returns its output."""
        code, said = self.attempt(*command, **env)
        assert code == 0, said
        return said

    def refused(self, *command: str, **env: str) -> str:
        """Runs a command that must fail with one sentence; returns it."""
        code, said = self.attempt(*command, **env)
        assert code == 1, said
        return said

    def attempt(self, *command: str, **env: str) -> tuple[int, str]:
        process = Running(command[0], [*MANAGE, *command], self.env | env, fork_from="libraries")
        code = process.wait(COMMAND_SECONDS)
        assert "Traceback" not in process.output, process.output
        return code, process.output

    def backup(self, **env: str) -> Path:
        """Makes a backup; returns the path of the newest archive."""
        self.run("backup", **env)
        return max((self.directory / "backups").glob("recruit-*"))

    def execute(self, statement: str) -> list[tuple]:
        with psycopg.connect(self.env["DATABASE_URL"], autocommit=True) as session:
            cursor = session.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def administer(self, statement: str) -> list[tuple]:
        """Executes a statement in another database of the server, where no restore sees it."""
        address = self.env["DATABASE_URL"].replace("/recruit?", "/postgres?")
        with psycopg.connect(address, autocommit=True) as session:
            cursor = session.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def write(self, name: str, text: str) -> None:
        path = self.directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def files(self) -> dict[str, str]:
        return {
            path.relative_to(self.directory).as_posix(): path.read_text()
            for path in self.restored()
            if path.is_file()
        }

    def restored(self) -> list[Path]:
        """All that is in the directories of the files."""
        return [
            path for kind in ("media", "private") for path in (self.directory / kind).rglob("*")
        ]

    def started(self, *command: str) -> Running:
        """Starts a command of the product, and does not wait for its end."""
        return Running(command[0], [*MANAGE, *command], self.env, fork_from="libraries")

    def waiting(self, program: str, event: str) -> int:
        """Number of sessions of a program that wait for this kind of event."""
        rows = self.administer(
            "SELECT count(*) FROM pg_stat_activity "
            f"WHERE application_name = '{program}' AND coalesce(wait_event, '') LIKE '{event}'"
        )
        return int(rows[0][0])


@pytest.fixture(scope="module")
def migrated() -> Iterator[Machine]:
    """The servers of all tests here, with an empty database that each test gets a copy of."""
    with data_directory() as directory, private_servers(directory, "PostgreSQL", "Valkey") as it:
        machine = Machine(it, directory / "site")
        machine.run("migrate", "--verbosity", "0")
        machine.administer("ALTER DATABASE recruit RENAME TO pristine")
        yield machine


@pytest.fixture
def machine(migrated: Machine) -> Machine:
    migrated.administer("DROP DATABASE IF EXISTS recruit WITH (FORCE)")
    migrated.administer("CREATE DATABASE recruit TEMPLATE pristine")
    migrated.execute(
        "INSERT INTO realtime_topichead (topic, epoch, position, kept_from) "
        "VALUES ('tasks', 'before', 7, 1)"
    )
    shutil.rmtree(migrated.directory, ignore_errors=True)
    migrated.write(RESUME, "résumé")
    migrated.write(UPLOAD, "name,mobile")
    return migrated


def redis_of(machine: Machine) -> redis.Redis:
    return redis.Redis.from_url(machine.env["REDIS_URL"])


def epochs(machine: Machine) -> dict[str, str]:
    return dict(machine.execute("SELECT topic, epoch FROM realtime_topichead"))


def test_a_restore_brings_back_database_and_files_under_new_epochs(machine: Machine) -> None:
    machine.write(HIDDEN, "of another program")
    files = machine.files()
    archive = machine.backup()
    assert "all checksums match" in machine.run("backup", "--check", str(archive))
    machine.execute("UPDATE realtime_topichead SET position = 9")
    machine.execute("INSERT INTO realtime_topichead VALUES ('tasks.1', 'lost', 1, 1)")
    machine.execute("CREATE TABLE of_a_later_version (id int)")
    machine.write(RESUME, "another")
    with redis_of(machine) as server:
        server.set("of another site", "kept")
    machine.write("private/bb/lost.pdf", "uploaded since")
    (machine.directory / UPLOAD).unlink()
    said = machine.run("restore", str(archive), "--yes")
    assert "the database and 3 files" in said
    assert machine.files() == files
    assert all(path.stat().st_mode & 0o077 == 0 for path in machine.restored()), "for their owner"
    (tasks,) = machine.execute("SELECT topic, position FROM realtime_topichead")
    assert tasks == ("tasks", 7)
    assert epochs(machine)["tasks"] not in ("before", "lost")
    assert machine.execute("SELECT to_regclass('of_a_later_version')") == [(None,)]
    assert machine.execute("SELECT count(*) FROM monitoring_backup") == [(1,)]
    with redis_of(machine) as server:
        assert server.keys() == [b"of another site"]
        server.flushdb()


def test_roles_keep_their_rights_if_the_owner_of_the_tables_restores(
    machine: Machine, tmp_path: Path
) -> None:
    """The site backs up with its own role, which cannot change tables."""
    for name in ("owner_password", "site_password", "monitor_password"):
        (tmp_path / name).write_text("trusted")
    address = parse_qs(urlsplit(machine.env["DATABASE_URL"]).query)
    server = {"PGHOST": address["host"][0], "PGPORT": address["port"][0]}
    roles = {"SECRETS": str(tmp_path), "POSTGRES_USER": "postgres", "POSTGRES_DB": "recruit"}
    script = ["sh", DEPLOY / "compose" / "roles.sh"]
    subprocess.run(script, env=os.environ | server | roles, check=True)
    url = machine.env["DATABASE_URL"]
    owner, site = (
        url.replace("postgres@", f"{name}@") for name in ("recruit_owner", "recruit_site")
    )
    assert owner != site
    archive = machine.backup(DATABASE_URL=site)
    assert "must be owner" in machine.refused("restore", str(archive), "--yes", DATABASE_URL=site)
    machine.run("restore", str(archive), "--yes", DATABASE_URL=owner)
    rights = "SELECT tableowner, has_table_privilege('recruit_site', tablename::text, 'INSERT')"
    found = machine.execute(f"{rights} FROM pg_tables WHERE schemaname = 'public'")
    assert set(found) == {("recruit_owner", True)}
    machine.run("backup", DATABASE_URL=site)


def test_a_restore_is_refused_beside_live_processes(machine: Machine, site: Site) -> None:
    archive = machine.backup()
    relay = site.start("relay", **machine.env)
    said = machine.refused("restore", str(archive), "--yes")
    assert "The site is still running on this database: relay " in said
    relay.kill()
    machine.execute("UPDATE realtime_heartbeat SET seen_at = now() - interval '10 minutes'")
    with psycopg.connect(machine.env["DATABASE_URL"], application_name="a report"):
        said = machine.refused("restore", str(archive), "--yes")
    assert "(a report, from this machine)" in said
    assert epochs(machine)["tasks"] == "before", "nothing was changed"
    machine.run("restore", str(archive), "--yes")
    assert machine.execute("SELECT count(*) FROM realtime_heartbeat") == [(0,)]


async def test_a_browser_that_slept_through_a_restore_gets_a_fresh_snapshot(
    machine: Machine, site: Site
) -> None:
    """After the restore, another change gets the position of one that the browser has seen."""
    async with traffic_process(machine.env, rooms=2):
        pass  # creates the people and the interviews
    processes = ("relay", "web")
    for name in processes:
        await asyncio.to_thread(site.start, name, **machine.env)
    async with visitor(site, User(username="lin")) as lin:
        archive = await asyncio.to_thread(machine.backup)
        async with open_pages(*connectors(lin, BOARD)) as (page,):
            await until(lambda: number_of_interviews(page.board) == 4, "all are shown", [page])
            lost, *later = interviews(page.board)
            await confirm(lin, lost)
            await until(lambda: status(page.board, lost) == "confirmed", "it was shown", [page])
        asleep = page.board
        for process in reversed(site.running):
            await asyncio.to_thread(process.terminate)
        await asyncio.to_thread(machine.run, "restore", str(archive), "--yes")
        for name in processes:
            await asyncio.to_thread(site.start, name, **machine.env)
        async with open_pages(*connectors(lin, BOARD)) as (other,):
            for key in later:
                await confirm(lin, key)
            await until(lambda: status(other.board, key) == "confirmed", "it goes on", [other])
            assert asleep.position is not None
            assert other.board.position is not None
            assert other.board.position >= asleep.position, "the premise"
            fresh = await snapshot_after_hello(lin, asleep)
            assert fresh.rows == other.board.rows
            assert status(fresh, lost) == "scheduled"
            assert {status(fresh, key) for key in later} == {"confirmed"}


@pytest.mark.parametrize(
    ("member", "found"),
    [
        ("database.dump", r"cannot read the dump|the first is database\.dump"),
        (RESUME, rf"1 members differ from its manifest, the first is {RESUME}"),
        ("", r"it has no manifest"),
    ],
    ids=["dump", "file", "cut off"],
)
def test_a_damaged_archive_is_found_and_changes_nothing(
    machine: Machine, member: str, found: str
) -> None:
    damaged = damage(machine.backup(), member)
    files = machine.files()
    assert re.search(found, machine.refused("backup", "--check", str(damaged)))
    assert re.search(found, machine.refused("restore", str(damaged), "--yes"))
    assert machine.files() == files
    assert epochs(machine)["tasks"] == "before"


def damage(archive: Path, member: str) -> Path:
    """Flips a byte in the middle of this member; without one, cuts the archive off."""
    content = bytearray(archive.read_bytes())
    damaged = archive.with_name("damaged.tar")
    with tarfile.open(archive) as tar:
        found = tar.getmember(member or "manifest.json")
    if member:
        content[found.offset_data + found.size // 2] ^= 0xFF
    else:
        del content[found.offset :]
    damaged.write_bytes(content)
    return damaged


def test_a_backup_of_a_newer_version_is_refused(machine: Machine) -> None:
    machine.execute(
        "INSERT INTO django_migrations (app, name, applied) VALUES ('jobs', '9999_next', now())"
    )
    archive = machine.backup()
    machine.execute("DELETE FROM django_migrations WHERE name = '9999_next'")
    said = machine.refused("restore", str(archive), "--yes")
    assert "does not know the migration jobs.9999_next" in said
    assert epochs(machine)["tasks"] == "before"


def test_a_failing_restore_of_the_database_changes_nothing(machine: Machine) -> None:
    """The server refuses a statement in the middle of the dump."""
    archive = machine.backup()
    files = machine.files()
    machine.execute(
        "CREATE SCHEMA other; "
        "CREATE FUNCTION other.refuse() RETURNS event_trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'no more tables'; END $$; "
        "CREATE EVENT TRIGGER refuse ON ddl_command_end WHEN TAG IN ('CREATE TABLE') "
        "EXECUTE FUNCTION other.refuse()"
    )
    said = machine.refused("restore", str(archive), "--yes")
    assert "The database was not changed" in said
    assert "no more tables" in said
    assert epochs(machine)["tasks"] == "before"
    assert machine.files() == files


SLOW_TABLES = """
CREATE SCHEMA other;
CREATE FUNCTION other.take_time() RETURNS event_trigger LANGUAGE plpgsql AS
$$ BEGIN PERFORM pg_sleep(0.3); END $$;
CREATE EVENT TRIGGER slow ON ddl_command_end WHEN TAG IN ('CREATE TABLE')
EXECUTE FUNCTION other.take_time()
"""


def test_a_killed_restore_of_the_database_changes_nothing(machine: Machine) -> None:
    """psql reads on to the end of what it has got, and then finds the end of its input."""
    archive = machine.backup()
    machine.execute(SLOW_TABLES)
    restore = machine.started("restore", str(archive), "--yes")
    wait_until(lambda: machine.waiting("psql", "PgSleep"))
    os.kill(restore.pid, signal.SIGKILL)
    restore.wait()
    wait_until(lambda: not machine.waiting("psql", "%"))
    assert epochs(machine)["tasks"] == "before"
    assert not any(map(is_dump, machine.restored())), "and no dump is left"


def is_dump(path: Path) -> bool:
    return path.is_file() and path.read_bytes().startswith(b"PGDMP")


def test_a_killed_backup_leaves_no_dump_and_its_place_is_cleared(machine: Machine) -> None:
    """The dump is not encrypted, even if archives are."""
    with psycopg.connect(machine.env["DATABASE_URL"]) as holder:
        holder.execute("LOCK TABLE jobs_candidate")
        backup = machine.started("backup")
        wait_until(lambda: machine.waiting("pg_dump", "relation"))
        os.kill(backup.pid, signal.SIGKILL)
        backup.wait()
    (left,) = (machine.directory / "backups").iterdir()
    assert [path.name for path in left.iterdir()] == ["archive"]
    machine.backup()
    assert left.exists(), "it could belong to a backup that is running"
    two_days_ago = datetime.now(UTC) - timedelta(days=2)
    os.utime(left, (two_days_ago.timestamp(), two_days_ago.timestamp()))
    machine.backup()
    assert not left.exists()


LIMIT_MS = 200
WITHOUT_LIMIT = "-c idle_in_transaction_session_timeout=0"
DUMP_WAITS = f"""
SELECT bool_or(clock_timestamp() - query_start > 2 * interval '{LIMIT_MS} ms')
FROM pg_stat_activity WHERE application_name = 'pg_dump' AND wait_event_type = 'Lock'
"""


def test_a_dump_may_take_longer_than_the_time_limits_of_the_role(machine: Machine) -> None:
    """The session whose snapshot pg_dump uses is idle in its transaction meanwhile."""
    machine.administer(f"ALTER ROLE postgres SET idle_in_transaction_session_timeout = {LIMIT_MS}")
    try:
        with psycopg.connect(machine.env["DATABASE_URL"], options=WITHOUT_LIMIT) as holder:
            holder.execute("LOCK TABLE jobs_candidate")
            backup = machine.started("backup")
            wait_until(lambda: machine.administer(DUMP_WAITS) == [(True,)])
            holder.rollback()
            code = backup.wait(COMMAND_SECONDS)
        assert code == 0, backup.output
    finally:
        machine.administer("ALTER ROLE postgres RESET idle_in_transaction_session_timeout")


def test_a_backup_in_the_same_second_replaces_the_one_before(tmp_path: Path) -> None:
    """An archive is named for its second."""
    with frozen():
        first, second = creation.create(tmp_path), creation.create(tmp_path)
    assert [*tmp_path.iterdir()] == [first.path] == [second.path]
    recorded = Backup.objects.get()
    assert (recorded.size, recorded.seconds) == (second.size, second.seconds)


def test_an_archive_names_its_version_migrations_and_missing_files(machine: Machine) -> None:
    machine.execute(
        "INSERT INTO realtime_taskrun (id, name, title, state, done, total, message, errors, "
        "result_url, result_file, result_name, can_cancel, task, arguments, queue, language, "
        "idempotency_key, deliveries, version, created_at) VALUES (gen_random_uuid(), 'export', "
        "'', 'succeeded', 1, 1, '', 0, '', 'exports/gone.csv', '', false, '', '[]', '', '', '', "
        "1, 1, now())"
    )
    archive = machine.backup()
    with tarfile.open(archive) as tar:
        member = tar.extractfile("manifest.json")
        assert member is not None
        manifest = json.loads(member.read())
        assert tar.getnames()[-1] == "manifest.json"
    assert manifest["version"].startswith("recruit-live@")
    assert "realtime.0013_numbered_database" in manifest["migrations"]
    assert manifest["missing"] == ["media/exports/gone.csv"]
    assert manifest["members"].keys() == {"database.dump", RESUME, UPLOAD}
    assert archive.stat().st_mode & 0o077 == 0, "readable by its owner only"


def test_an_outage_is_told_in_one_line_and_does_not_end_the_repetition(machine: Machine) -> None:
    machine.administer("ALTER DATABASE recruit ALLOW_CONNECTIONS false")
    try:
        assert "not currently accepting connections" in machine.refused("backup")
        repeated = machine.started("backup", "--every-hours", "24")
        repeated.wait_for("The backup failed: couldn't get a connection")
    finally:
        machine.administer("ALTER DATABASE recruit ALLOW_CONNECTIONS true")
    repeated.wait_for(r"recruit-.*\.tar: .* 2 files", within=RETRY_SECONDS + COMMAND_SECONDS)
    assert repeated.is_alive(), "it waits for the next day"
    repeated.terminate()
    assert "Traceback" not in repeated.output


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """Not the directory of the archives, which may be on another disk."""
    unreadable = tmp_path / "resume.pdf"
    unreadable.mkdir()
    named = pytest.raises(BackupError, match=f"{unreadable} cannot be read")
    with (tmp_path / "archive").open("wb") as target, named:
        creation._add(ArchiveWriter(target), "private/resume.pdf", unreadable)


def test_old_backups_are_deleted_but_never_the_newest(machine: Machine) -> None:
    directory = machine.directory / "backups"
    directory.mkdir(parents=True)
    now = datetime.now(UTC)
    for days in (40, 31, 29):
        at = now - timedelta(days=days)
        (directory / f"recruit-{at:%Y-%m-%dT%H-%M-%SZ}.tar").touch()
    (directory / "recruit-notes.txt").touch()
    said = machine.run("backup")
    assert said.count("older than 30 days") == 2
    assert len(list(directory.glob("recruit-*.tar"))) == 2
    assert (directory / "recruit-notes.txt").exists()


def test_backups_are_encrypted_for_a_recipient_with_age(machine: Machine, tmp_path: Path) -> None:
    key = tmp_path / "key"
    subprocess.run([installed("age-keygen"), "-o", key], check=True, capture_output=True)
    recipient = key.read_text().split("public key: ")[1].split()[0]
    archive = machine.backup(BACKUP_AGE_RECIPIENT=recipient)
    assert archive.suffix == ".age"
    assert b"resume.pdf" not in archive.read_bytes()
    assert "--identity" in machine.refused("backup", "--check", str(archive))
    machine.run("backup", "--check", str(archive), "--identity", str(key))
    shutil.rmtree(machine.directory / "private")
    machine.run("restore", str(archive), "--identity", str(key), "--yes")
    assert machine.files()[RESUME] == "résumé"
    content = bytearray(archive.read_bytes())
    content[len(content) // 2] ^= 0xFF
    archive.write_bytes(content)
    said = machine.refused("backup", "--check", str(archive), "--identity", str(key))
    assert "age failed" in said


def test_backups_are_encrypted_for_a_recipient_with_gpg(machine: Machine, data_dir: Path) -> None:
    home = data_dir / "gpg"
    home.mkdir(mode=0o700)
    gpg = [installed("gpg"), "--homedir", home, "--batch", "--passphrase", ""]
    subprocess.run([*gpg, "--quick-gen-key", "backup@example.com"], check=True, capture_output=True)
    try:
        env = {"GNUPGHOME": str(home)}
        archive = machine.backup(BACKUP_GPG_RECIPIENT="backup@example.com", **env)
        assert archive.suffix == ".gpg"
        machine.run("backup", "--check", str(archive), **env)
        assert "gpg failed" in machine.refused("backup", "--check", str(archive), GNUPGHOME="/tmp")
    finally:
        subprocess.run(["gpgconf", "--homedir", home, "--kill", "all"], check=False)


ERASE = """
from jobs.privacy.anonymisation import candidates_anonymise
candidates_anonymise(candidates=[{candidate}], by=None)
"""
ERASED = "SELECT array_agg(id) FROM jobs_candidate WHERE anonymised_at IS NOT NULL"
FAIL_AFTER_REPLACEMENT = """
CREATE SCHEMA IF NOT EXISTS other;
CREATE FUNCTION fail_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF to_regclass('other.failing') IS NOT NULL THEN RAISE 'the disk is full'; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER fail_once BEFORE INSERT ON monitoring_backup
FOR EACH ROW EXECUTE FUNCTION fail_once();
"""


async def test_a_candidate_erased_after_the_backup_is_erased_again(machine: Machine) -> None:
    """Also by the second run, if the first ended when the old database was gone."""
    async with traffic_process(machine.env, rooms=1):
        pass  # creates the candidates
    machine.execute(FAIL_AFTER_REPLACEMENT)
    archive = await asyncio.to_thread(machine.backup)
    ((erased,),) = machine.execute("SELECT min(id) FROM jobs_candidate")
    await asyncio.to_thread(machine.run, "shell", "-c", ERASE.format(candidate=erased))
    assert machine.execute(ERASED) == [([erased],)]
    machine.execute("CREATE TABLE other.failing ()")
    said = await asyncio.to_thread(machine.refused, "restore", str(archive), "--yes")
    assert "the disk is full" in said
    assert machine.execute(ERASED) == [(None,)], "the database was replaced, and nobody erased"
    machine.execute("DROP TABLE other.failing")
    said = await asyncio.to_thread(machine.run, "restore", str(archive), "--yes")
    assert f"Erased again, as since the backup: candidates {erased}." in said
    assert machine.execute(ERASED) == [([erased],)]


async def test_a_restore_notes_no_id_that_another_candidate_will_get(machine: Machine) -> None:
    """A candidate who came after the backup, and was erased, is not in it."""
    archive = await asyncio.to_thread(machine.backup)
    async with traffic_process(machine.env, rooms=1):
        pass
    ((erased,),) = machine.execute("SELECT min(id) FROM jobs_candidate")
    await asyncio.to_thread(machine.run, "shell", "-c", ERASE.format(candidate=erased))
    await asyncio.to_thread(machine.run, "restore", str(archive), "--yes")
    assert machine.execute("SELECT count(*) FROM jobs_candidate") == [(0,)]
    noted = "SELECT count(*) FROM monitoring_auditentry WHERE action = 'anonymise'"
    assert machine.execute(noted) == [(0,)]


def test_nothing_is_restored_without_a_yes(machine: Machine) -> None:
    archive = machine.backup()
    assert "confirm with --yes" in machine.refused("restore", str(archive))
    assert epochs(machine)["tasks"] == "before"


def test_after_a_restore_by_other_means_epochs_can_be_renewed_alone(machine: Machine) -> None:
    assert "1 topics have new epochs" in machine.run("restore", "--epochs-only")
    assert epochs(machine)["tasks"] != "before"
