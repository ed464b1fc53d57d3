"""A worker is killed in the middle of an import: the import still happens once."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg
import pytest
import redis
from django.conf import settings
from django.contrib.auth.models import User

from jobs.imports import queue, runs
from jobs.imports.plan import ROWS_A_STEP
from jobs.models import Campaign, Candidate
from jobs.models.imports import ImportRun
from realtime.database import run_in_db_thread
from tests.support.clients.simulated_clients import connectors, open_pages, reconcile, until
from tests.support.clients.websocket_client import visitor
from tests.support.product.processes import Site, environment
from tests.support.product.redis_keys import queue_key
from tests.support.product.settings import overridden_by

pytestmark = [
    pytest.mark.processes,
    pytest.mark.django_db(transaction=True),
    pytest.mark.timeout(600),  # many processes to start, on a machine that may be busy
]

PEOPLE = 2 * ROWS_A_STEP + 100
TASKS = "/ws/tasks/"
NOBODY_ENTERS = f"LOCK TABLE {Campaign.candidates.through._meta.db_table} IN SHARE MODE"


async def test_an_import_whose_worker_is_killed_runs_once_and_never_goes_back(
    site: Site, lin: User, campaign: Campaign
) -> None:
    """The second worker gets the message again while it works on it, and after it is done."""
    for name in ("relay", "web"):
        site.start(name)
    worker = site.start("worker")
    async with visitor(site, lin) as person, open_pages(*connectors(person, TASKS)) as [page]:
        run = await run_in_db_thread(checked_file, campaign, lin)
        async with held_up_halfway():
            await run_in_db_thread(
                queue.import_run_start, run=run, rows=ImportRun.Rows.VALID, by=lin
            )
            await until(lambda: shown(page.progress) >= ROWS_A_STEP, "it is halfway", [page])
            await asyncio.to_thread(worker.kill)
        assert await run_in_db_thread(Candidate.objects.count) == 0, (
            "the premise: all is rolled back"
        )
        before = len(page.progress)
        impatient = overridden_by("fast_redelivery")
        await asyncio.to_thread(site.start, "worker", **impatient)
        await until(lambda: page.progress[-1] == ("succeeded", PEOPLE), "it is done", [page])
        await until(nothing_is_queued, "no message is left")
        await reconcile([page])
        assert await run_in_db_thread(Candidate.objects.count) == PEOPLE
        await run_in_db_thread(run.refresh_from_db)
        assert (run.state, run.new, run.known) == (ImportRun.State.APPLIED, PEOPLE, 0)
        steps = [done for _state, done in page.progress]
        assert steps == sorted(steps), "progress never goes backwards"
        states = [state for state, _ in itertools.groupby(s for s, _done in page.progress)]
        assert states == ["queued", "running", "succeeded"]
        assert "running" in {state for state, _done in page.progress[before:]}


@asynccontextmanager
async def held_up_halfway() -> AsyncIterator[None]:
    """Within, an import creates its candidates and then waits to add them to the campaign.

    It locks the table and not the campaign's row, which is read after the commit, maybe already
    requested by the killed worker.
    """
    address = environment()["DATABASE_URL"]
    async with await psycopg.AsyncConnection.connect(address) as holder:
        await holder.execute(NOBODY_ENTERS)
        yield


def checked_file(campaign: Campaign, by: User) -> ImportRun:
    lines = [f"Person {number},189{number:08d}" for number in range(PEOPLE)]
    content = "\n".join(["name,mobile", *lines]).encode()
    run = runs.import_run_create(content=content, file_name="a.csv", campaign=campaign, owner=by)
    assert run.new == PEOPLE
    return run


def shown(progress: list[tuple[str, int]]) -> int:
    return progress[-1][1] if progress else 0


def nothing_is_queued() -> bool:
    with redis.Redis.from_url(settings.REDIS_URL) as broker:
        return not broker.llen(queue_key("bulk")) and not broker.hlen(queue_key("unacked"))
