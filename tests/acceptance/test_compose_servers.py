"""The site with the least rights: the roles of deploy/compose on a real PostgreSQL and Valkey."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis
from django.contrib.auth.models import User

from jobs.models import Campaign
from project.embedded import wheel
from project.embedded.locations import DATABASE_NAME, places
from tests.support.clients.websocket_client import visitor
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
            for name in ("recruit_owner", "recruit_site")
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


def test_valkey_refuses_strangers_and_other_keys(redis_url: str) -> None:
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
