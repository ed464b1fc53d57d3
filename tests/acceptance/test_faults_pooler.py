"""The database behind TLS, and behind a PgBouncer whose sessions belong to nobody."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest
from django.contrib.auth.models import Group, User
from django.db import connection

from realtime.background import tracked_tasks
from realtime.background.run_lock import run_lock
from realtime.models import TaskRun
from tests.support.clients.websocket_client import visitor
from tests.support.external.pgbouncer import pgbouncer
from tests.support.product import sample_tasks
from tests.support.product.doctor import doctor
from tests.support.product.processes import Site, environment
from tests.support.product.settings import overridden_by
from tests.support.wait import until

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]

LISTENING = "SELECT count(*) FROM pg_stat_activity WHERE query = 'LISTEN realtime_changes'"


def listeners() -> int:
    with connection.cursor() as cursor:
        cursor.execute(LISTENING)
        return int(cursor.fetchone()[0])


def test_the_relay_listens_with_every_parameter_of_the_address(site: Site, data_dir: Path) -> None:
    """Only `sslrootcert` says which certificate to trust."""
    with pgbouncer(data_dir, pool_mode="session", by_tls=True) as address:
        with pytest.raises(psycopg.OperationalError, match="certificate"):
            psycopg.connect(address.split("&sslrootcert")[0])
        relay = site.start("relay", DATABASE_URL=address)
        until(lambda: listeners() == 1)
        assert "lost its connection" not in relay.output
        assert (
            "  ok       wakeups     arrive" in doctor(environment() | {"DATABASE_URL": address})[1]
        )


def test_the_doctor_finds_notifications_that_a_pooler_loses(site: Site, data_dir: Path) -> None:
    with pgbouncer(data_dir, pool_mode="transaction") as address:
        said = doctor(environment() | {"DATABASE_URL": address})[1]
    assert "  warning  wakeups     do not arrive" in said
    assert "set DATABASE_DIRECT_URL to the address of PostgreSQL" in said


async def test_the_site_works_behind_a_pooler_with_a_direct_address(
    site: Site, data_dir: Path, lin: User
) -> None:
    with pgbouncer(data_dir, pool_mode="transaction") as pooler:
        direct = {"DATABASE_URL": pooler, "DATABASE_DIRECT_URL": environment()["DATABASE_URL"]}
        said = doctor(environment() | direct)[1]
        assert "  ok       wakeups     arrive" in said
        site.start("web", **direct)
        async with visitor(site, lin) as browser:
            assert (await browser.client.get("/", follow_redirects=True)).status_code == 200


def test_a_task_behind_a_pooler_is_locked_until_it_ends(site: Site, data_dir: Path) -> None:
    with pgbouncer(data_dir, pool_mode="transaction") as pooler:
        direct = {"DATABASE_URL": pooler, "DATABASE_DIRECT_URL": environment()["DATABASE_URL"]}
        site.start("worker", **overridden_by("sample_tasks") | direct)
        with psycopg.connect(environment()["DATABASE_URL"]) as holder:
            holder.execute("INSERT INTO auth_group (name) VALUES ('g2')")
            run = tracked_tasks.start(
                sample_tasks.make_groups, ["g1", "g2"], title="Groups", owner=None
            )
            until(lambda: TaskRun.objects.get(pk=run.pk).state == "running")
            with run_lock(run.pk) as is_free:
                assert not is_free
            holder.rollback()
        until(lambda: TaskRun.objects.get(pk=run.pk).state == "succeeded")
        until(lambda: is_free_now(run))
    Group.objects.filter(name__in=["g1", "g2"]).delete()


def is_free_now(run: TaskRun) -> bool:
    with run_lock(run.pk) as is_free:
        return is_free
