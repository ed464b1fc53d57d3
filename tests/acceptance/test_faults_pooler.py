"""The database behind TLS, and behind a PgBouncer whose sessions belong to nobody."""

from __future__ import annotations

from pathlib import Path

import httpx
import psycopg
import pytest
from django.contrib.auth.models import Group, User
from django.db import connection

from jobs.models import Campaign
from realtime.background import tracked_tasks
from realtime.background.run_lock import run_lock
from realtime.database import run_in_db_thread
from realtime.models import TaskRun
from tests.factories import make_interview
from tests.support.clients.simulated_clients import connectors, open_pages, reconcile
from tests.support.clients.websocket_client import visitor
from tests.support.external.pgbouncer import pgbouncer
from tests.support.product import sample_tasks
from tests.support.product.doctor import doctor
from tests.support.product.processes import Site, environment
from tests.support.product.settings import overridden_by
from tests.support.wait import until

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]

READY_SECONDS = 30.0  # most checks fail here, on a machine that may be busy
QUICK = {"BEAT_LEASE_SECONDS": "2"}
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
        site.start("web", DATABASE_URL=address)
        ready = httpx.get(f"{site.url}/readyz", timeout=READY_SECONDS)
    assert ready.json()["checks"]["wakeups"]["ok"] is False
    assert "  warning  wakeups     do not arrive" in said
    assert "set DATABASE_DIRECT_URL to the address of PostgreSQL" in said


async def test_the_site_works_behind_a_pooler_with_a_direct_address(
    site: Site, data_dir: Path, lin: User, campaign: Campaign
) -> None:
    """The relay listens for notifications, the board is live, and one of two beats leads."""
    with pgbouncer(data_dir, pool_mode="transaction") as pooler:
        direct = {"DATABASE_URL": pooler, "DATABASE_DIRECT_URL": environment()["DATABASE_URL"]}
        said = doctor(environment() | direct)[1]
        assert "  ok       wakeups     arrive" in said
        for process in ("relay", "web"):
            site.start(process, **direct)
        first, second = site.start("beat", **direct, **QUICK), site.start("beat", **direct, **QUICK)
        first.wait_for("This beat is the leader")
        second.wait_for("is on standby")
        await run_in_db_thread(lambda: until(lambda: listeners() == 1))
        async with (
            visitor(site, lin) as browser,
            open_pages(*connectors(browser, "/ws/board/autumn/")) as [page],
        ):
            assert (await browser.client.get("/", follow_redirects=True)).status_code == 200
            await run_in_db_thread(lambda: make_interview(campaign=campaign))
            await reconcile([page])
            assert len(page.board.rows) > 0
            ready = (await browser.client.get("/readyz")).json()["checks"]
            assert all(ready[name]["ok"] for name in ("wakeups", "relay", "beat"))
        first.kill()
        second.wait_for("This beat is the leader")


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
