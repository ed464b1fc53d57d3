"""The site with the least rights: the roles of deploy/compose on a real PostgreSQL and Valkey."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import psycopg
import pytest
import redis
import yaml
from django.contrib.auth.models import User

from jobs.models import Campaign
from project.embedded import wheel
from project.embedded.locations import DATABASE_NAME, places
from tests.support.clients.websocket_client import visitor
from tests.support.external.exporters import exporter
from tests.support.external.programs import DEPLOY, installed
from tests.support.external.valkey_server import valkey_server
from tests.support.product.doctor import doctor
from tests.support.product.private_servers import private_servers
from tests.support.product.processes import MANAGE, Running, Site
from tests.support.wait import until

pytestmark = [
    pytest.mark.processes,
    pytest.mark.django_db(transaction=True),
    pytest.mark.timeout(300),
]


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    installed("openssl")
    script = DEPLOY / "compose" / "secrets.sh"
    subprocess.run([script, "board.example.com", tmp_path / "secrets"], check=True)
    return tmp_path / "secrets"


@pytest.fixture
def roles(secrets: Path, data_dir: Path, lin: User, campaign: Campaign) -> Iterator[dict[str, str]]:
    """The addresses of the two roles, in a database whose tables a superuser has created."""
    with private_servers(data_dir, "PostgreSQL") as servers:
        servers.copy_database()
        at = places(data_dir)
        env = {
            "PATH": f"{wheel.programs(at)}{os.pathsep}{os.environ['PATH']}",
            "SECRETS": str(secrets),
            "POSTGRES_USER": "postgres",
            "POSTGRES_DB": DATABASE_NAME,
            "PGHOST": str(at.sockets),
        }
        for _ in range(2):  # an update runs it again
            subprocess.run(["sh", DEPLOY / "compose" / "roles.sh"], env=env, check=True)
        address = servers.env["DATABASE_URL"]
        yield {
            name: address.replace("postgres@", f"{name}@")
            for name in ("recruit_owner", "recruit_site", "recruit_monitor")
        }


@pytest.fixture
def redis_url(secrets: Path, tmp_path: Path) -> Iterator[str]:
    """A Valkey that knows only the user of the site."""
    users = secrets / "valkey_users"
    with valkey_server(tmp_path / "valkey", "--aclfile", str(users)) as server:
        address = (secrets / "redis_url").read_text().strip()
        yield address.replace("valkey:6379", f"127.0.0.1:{server.port}")


async def test_the_site_works_without_the_rights_of_a_superuser(
    site: Site, roles: dict[str, str], redis_url: str, lin: User
) -> None:
    env = {"DATABASE_URL": roles["recruit_site"], "REDIS_URL": redis_url}
    for name in ("relay", "web", "worker", "beat"):
        site.start(name, **env)
    async with visitor(site, lin) as coordinator:
        assert (await coordinator.client.get("/board/autumn/")).status_code == 200
        assert (await coordinator.client.get("/tasks/")).status_code == 200
    until(lambda: "  ok       schedule " in doctor(os.environ | env)[1])
    assert all("NOPERM" not in process.output for process in site.running)
    assert all("permission denied" not in process.output for process in site.running)


def test_only_the_owner_may_change_tables_and_it_can_migrate(roles: dict[str, str]) -> None:
    with psycopg.connect(roles["recruit_site"], autocommit=True) as connection:
        for statement in (
            "DROP TABLE auth_user",
            "TRUNCATE monitoring_auditentry",
            "ALTER TABLE monitoring_auditentry DISABLE TRIGGER ALL",
            "CREATE TABLE mine (id int)",
            "CREATE ROLE other SUPERUSER",
            "COPY auth_user TO PROGRAM 'cat'",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)  # type: ignore[call-overload]
    env = {"DATABASE_URL": roles["recruit_owner"]}
    migrate = Running("migrate", [*MANAGE, "migrate", "--no-input"], os.environ | env)
    assert migrate.wait() == 0, migrate.output
    with psycopg.connect(roles["recruit_owner"], autocommit=True) as connection:
        connection.execute("CREATE TABLE later (id int)")
    with psycopg.connect(roles["recruit_site"]) as connection:
        connection.execute("INSERT INTO later VALUES (1)")


@pytest.fixture
def own_redis_url(tmp_path: Path) -> Iterator[str]:
    """A server with the users that deployment.md creates, as for a cluster."""
    text = (DEPLOY / "docs" / "deployment.md").read_text()
    _, lines = text.split(" << ACL\n")
    users = tmp_path / "users.acl"
    users.write_text("user default on nopass ~* &* +@all\n")
    with valkey_server(tmp_path / "own", "--aclfile", str(users)) as server:
        with redis.Redis(port=server.port) as administrator:
            for line in lines.split("\nACL\n")[0].splitlines():
                command = re.sub(r"\$\(cat (\w+)\)", r"\1", line)
                assert administrator.execute_command(*command.split()) in (b"OK", True)
        assert "user default off" in users.read_text(), "saved"
        yield f"redis://recruit:redis_password@127.0.0.1:{server.port}/0"


@pytest.mark.parametrize("server", ["redis_url", "own_redis_url"])
def test_redis_refuses_strangers_and_other_keys(
    server: str, request: pytest.FixtureRequest
) -> None:
    redis_url: str = request.getfixturevalue(server)
    with redis.Redis.from_url(redis_url) as site:
        assert site.set("recruit:value", 1)
        for command in (["SET", "other", "1"], ["CONFIG", "GET", "dir"], ["FLUSHALL"]):
            with pytest.raises(redis.exceptions.NoPermissionError):
                site.execute_command(*command)
    address = redis_url.split("@")[1]
    with (
        redis.Redis.from_url(f"redis://{address}") as stranger,
        pytest.raises(redis.exceptions.AuthenticationError),
    ):
        stranger.ping()


def test_postgres_exporter_reads_statistics_but_no_table(roles: dict[str, str]) -> None:
    address = roles["recruit_monitor"]
    with psycopg.connect(address, autocommit=True) as monitor:
        dead_rows = "SELECT count(n_dead_tup) FROM pg_stat_user_tables WHERE relname = 'auth_user'"
        assert monitor.execute(dead_rows).fetchone() == (1,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            monitor.execute("SELECT * FROM auth_user")
    with (
        psycopg.connect(roles["recruit_site"], application_name="a page"),
        exporter("postgres", DATA_SOURCE_NAME=address) as exported,
    ):
        metrics = metrics_of(exported)
        assert "pg_up 1" in metrics
        assert re.search(r"^pg_settings_max_connections\{.*\} [1-9]", metrics, re.MULTILINE)
        sessions = r'pg_stat_activity_count\{datname="recruit",.*state="idle.*\} [1-9]'
        assert re.search(sessions, metrics), "another role's session, with its state"


def test_the_documented_role_of_the_exporter_is_that_of_compose(roles: dict[str, str]) -> None:
    document = (DEPLOY / "docs" / "monitoring.md").read_text()
    (statements,) = re.findall(r"```sql\n(CREATE ROLE recruit_monitor .*?)```", document, re.DOTALL)
    found = """
        SELECT rolsuper, rolcanlogin, rolconnlimit, rolconfig,
            ARRAY(SELECT roleid::regrole::text FROM pg_auth_members WHERE member = pg_roles.oid)
        FROM pg_roles WHERE rolname = 'recruit_monitor'
    """
    administrator = roles["recruit_owner"].replace("recruit_owner@", "postgres@")
    with psycopg.connect(administrator, autocommit=True) as connection:
        of_compose = connection.execute(found).fetchone()
        connection.execute("DROP ROLE recruit_monitor")
        connection.execute(statements)
        assert connection.execute(found).fetchone() == of_compose


def test_redis_exporter_reads_figures_but_no_key(redis_url: str, secrets: Path) -> None:
    address = f"redis://monitor@{redis_url.split('@')[1].removesuffix('/0')}"
    bare = address.replace("monitor@", "")
    given = json.loads((secrets / "redis_exporter").read_text())
    (password,) = given.values()
    assert given.keys() == {"redis://monitor@valkey:6379"}
    with (
        redis.Redis.from_url(address.replace("@", f":{password}@")) as monitor,
        pytest.raises(redis.exceptions.NoPermissionError),
    ):
        monitor.get("recruit:value")
    passwords = secrets / "redis_exporter_here"
    # Debian's exporter is older than the one of compose, and looks for the address without a user.
    passwords.write_text(json.dumps(dict.fromkeys((address, bare), password)))
    service = yaml.safe_load((DEPLOY / "compose.yml").read_text())["services"]["redis-exporter"]
    env = service["environment"] | {
        "REDIS_ADDR": bare,
        "REDIS_PASSWORD_FILE": str(passwords),
    }
    with exporter("redis", **env) as exported:
        metrics = metrics_of(exported)
        assert "redis_up 1" in metrics
        assert re.search(r"^redis_memory_used_bytes [1-9]", metrics, re.MULTILINE)
        assert "redis_memory_max_bytes" in metrics
        assert 'redis_exporter_last_scrape_error{err=""} 0' in metrics


def test_node_exporter_tells_of_disks_memory_and_clock() -> None:
    service = yaml.safe_load((DEPLOY / "compose.yml").read_text())["services"]["node-exporter"]
    root, *collectors = service["command"]
    assert root == "--path.rootfs=/host"
    assert "/:/host:ro,rslave" in service["volumes"]
    with exporter("node", "--path.rootfs=/", *collectors) as exported:
        metrics = metrics_of(exported)
    for name in ("filesystem_avail_bytes", "memory_MemAvailable_bytes", "timex_sync_status"):
        assert re.search(rf"^node_{name}(\{{.*\}})? \d", metrics, re.MULTILINE), name


def metrics_of(address: str) -> str:
    return httpx.get(f"http://{address}/metrics").text


def test_a_locked_table_does_not_stop_postgres_exporter(roles: dict[str, str]) -> None:
    """It reads the size of every table, which waits for the lock."""
    with (
        psycopg.connect(roles["recruit_owner"]) as owner,
        psycopg.connect(roles["recruit_monitor"], autocommit=True) as monitor,
    ):
        owner.execute("LOCK TABLE auth_user")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            monitor.execute("SELECT pg_table_size(relid) FROM pg_stat_user_tables")
        assert monitor.execute("SELECT count(*) > 0 FROM pg_stat_activity").fetchone() == (True,)
