"""Without the database every page says so within a second, and works again when it is back."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psycopg
import pytest
from django.contrib.auth.models import User

from jobs.models import Campaign
from tests.support.clients.websocket_client import TOKEN, Visitor, visitor
from tests.support.product.private_servers import PrivateServers, private_servers
from tests.support.product.processes import Site
from tests.support.wait import until

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]

FIRST_ANSWER_SECONDS = 2.0  # while the outage is being noticed; more than a healthy page takes
KNOWN_SECONDS = 1.0  # afterwards, likewise
HEALTHY_PAGES = 5
SITE_ROLE = """
CREATE ROLE site LOGIN;
GRANT USAGE ON SCHEMA public TO site;
GRANT ALL ON ALL TABLES IN SCHEMA public TO site;
GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO site;
"""
WAITING = """
SELECT extract(epoch FROM clock_timestamp() - query_start) FROM pg_stat_activity
WHERE usename = 'site' AND wait_event_type = 'Lock'
"""
IN_CHINESE = {"Accept-Language": "zh-hans"}
IN_ENGLISH = {"Accept-Language": "en"}


class Database:
    """The database of the site, to which the site connects with a role that is no superuser."""

    def __init__(self, servers: PrivateServers) -> None:
        self._servers = servers
        self.url = servers.env["DATABASE_URL"].replace("postgres@", "site@")

    def execute(self, statement: str) -> None:
        owner = self._servers.env["DATABASE_URL"]
        with psycopg.connect(owner, autocommit=True) as connection:
            connection.execute(statement)  # type: ignore[call-overload]

    def kill(self) -> None:
        self._servers.kill("PostgreSQL")

    def start(self) -> None:
        self._servers.start("PostgreSQL")

    def pause(self) -> None:
        self._servers.pause("PostgreSQL")

    def resume(self) -> None:
        self._servers.resume("PostgreSQL")

    def seconds_waited(self) -> float:
        """How long the site's statement that waits for a lock has been running; 0.0 if none."""
        with psycopg.connect(self._servers.env["DATABASE_URL"]) as connection:
            row = connection.execute(WAITING).fetchone()
        return float(row[0]) if row else 0.0

    @contextmanager
    def locked(self, table: str) -> Iterator[None]:
        """Makes every statement that reads the table wait."""
        with psycopg.connect(self._servers.env["DATABASE_URL"]) as holder:
            holder.execute(f"LOCK TABLE {table}")  # type: ignore[call-overload]
            yield

    def refuse_connections(self) -> None:
        """As a server does whose connection limit others have used up."""
        self.execute("ALTER ROLE site CONNECTION LIMIT 0")
        self.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'site'"
        )

    def accept_connections(self) -> None:
        self.execute("ALTER ROLE site CONNECTION LIMIT -1")


@pytest.fixture
def database(data_dir: Path, lin: User, campaign: Campaign) -> Iterator[Database]:
    with private_servers(data_dir, "PostgreSQL") as servers:
        servers.copy_database()
        found = Database(servers)
        found.execute(SITE_ROLE)
        yield found


FAULTS: dict[str, tuple[Callable[[Database], None], Callable[[Database], None]]] = {
    "refused": (Database.kill, Database.start),
    "paused": (Database.pause, Database.resume),
    "full": (Database.refuse_connections, Database.accept_connections),
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_pages_answer_at_once_without_the_database_and_recover(
    site: Site, lin: User, database: Database, fault: str
) -> None:
    take_away, give_back = FAULTS[fault]
    web = site.start("web", DATABASE_URL=database.url)
    async with visitor(site, lin) as coordinator:
        healthy = await seconds_of_a_healthy_page(coordinator)
        form = {"username": "lin", "password": "x", "csrfmiddlewaretoken": await token(coordinator)}
        take_away(database)
        for limit in (FIRST_ANSWER_SECONDS, KNOWN_SECONDS):
            page = await answer(coordinator, "GET", "/board/autumn/", limit + healthy, IN_ENGLISH)
            assert "The site is briefly unavailable" in page.text
            assert '<meta http-equiv="refresh" content="5">' in page.text
        soon = KNOWN_SECONDS + healthy
        page = await answer(coordinator, "GET", "/board/autumn/", soon, IN_CHINESE)
        assert "网站暂时无法访问" in page.text
        problem = await answer(coordinator, "GET", "/api/v1/interviews/", soon)
        assert problem.headers["Content-Type"] == "application/problem+json"
        assert problem.json()["status"] == 503
        sign_in = await answer(coordinator, "POST", "/accounts/login/", soon, data=form)
        assert "http-equiv" not in sign_in.text, "a form is not sent again by itself"
        assert "Traceback" not in web.output, "an outage is a line for each request"
        give_back(database)
        until(lambda: status(site, coordinator) == 200)


async def test_a_statement_that_runs_when_the_database_is_paused_is_answered_at_once(
    site: Site, lin: User, database: Database
) -> None:
    site.start("web", DATABASE_URL=database.url)
    async with visitor(site, lin) as coordinator:
        healthy = await seconds_of_a_healthy_page(coordinator)
        with database.locked("jobs_campaign"):
            reading = asyncio.ensure_future(coordinator.client.get("/board/autumn/"))
            await asyncio.to_thread(until, database.seconds_waited)
            database.pause()
            began = time.monotonic()
            page = await reading
            seconds = time.monotonic() - began
            database.resume()
        assert (page.status_code, page.headers.get("Retry-After")) == (503, "5"), page.text
        assert seconds < FIRST_ANSWER_SECONDS + healthy
        until(lambda: status(site, coordinator) == 200)


async def test_a_statement_that_waits_for_a_lock_is_not_given_up(
    site: Site, lin: User, database: Database
) -> None:
    """A slow statement is no lost server, even if the server refuses new connections."""
    site.start("web", DATABASE_URL=database.url)
    async with visitor(site, lin) as coordinator:
        await seconds_of_a_healthy_page(coordinator)
        with database.locked("jobs_campaign"):
            reading = asyncio.ensure_future(coordinator.client.get("/board/autumn/"))
            await asyncio.to_thread(until, database.seconds_waited)
            database.execute("ALTER ROLE site CONNECTION LIMIT 0")
            longer = 1.5 * FIRST_ANSWER_SECONDS  # and less than `lock_timeout`
            await asyncio.to_thread(until, lambda: database.seconds_waited() > longer)
            assert not reading.done()
        assert (await reading).status_code == 200


async def seconds_of_a_healthy_page(person: Visitor) -> float:
    """The slowest of a few pages that this machine served just now: how busy it is."""
    slowest = 0.0
    for _ in range(HEALTHY_PAGES):
        began = time.monotonic()
        assert (await person.client.get("/board/autumn/")).status_code == 200
        slowest = max(slowest, time.monotonic() - began)
    return slowest


async def answer(
    person: Visitor,
    method: str,
    path: str,
    limit: float,
    headers: dict[str, str] | None = None,
    data: dict[str, str] | None = None,
) -> httpx.Response:
    """Returns the answer of a site without its database; it comes within `limit` seconds."""
    began = time.monotonic()
    found = await person.client.request(method, path, headers=headers, data=data)
    seconds = time.monotonic() - began
    assert (found.status_code, found.headers.get("Retry-After")) == (503, "5"), found.text
    assert seconds < limit, f"{path} took {seconds:.2f} s of {limit:.2f} s"
    return found


async def token(person: Visitor) -> str:
    page = await person.client.get("/me/settings/")
    found = TOKEN.search(page.text)
    assert found
    return found[1]


def status(site: Site, person: Visitor) -> int:
    return httpx.get(f"{site.url}/board/autumn/", cookies=person.client.cookies).status_code
