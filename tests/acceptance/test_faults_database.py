"""Without the database every page says so within a second, and works again when it is back."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
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

ANSWERED_WITHIN_SECONDS = 5.0  # one second, and time for a busy machine; it was ten or more
SITE_ROLE = """
CREATE ROLE site LOGIN;
GRANT USAGE ON SCHEMA public TO site;
GRANT ALL ON ALL TABLES IN SCHEMA public TO site;
GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO site;
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
        assert (await coordinator.client.get("/board/autumn/")).status_code == 200
        form = {"username": "lin", "password": "x", "csrfmiddlewaretoken": await token(coordinator)}
        take_away(database)
        for _ in range(2):  # what notices the outage, and what comes while it is known
            page = await answer(coordinator, "GET", "/board/autumn/", headers=IN_ENGLISH)
            assert "The site is briefly unavailable" in page.text
            assert '<meta http-equiv="refresh" content="5">' in page.text
        page = await answer(coordinator, "GET", "/board/autumn/", headers=IN_CHINESE)
        assert "网站暂时无法访问" in page.text
        problem = await answer(coordinator, "GET", "/api/v1/interviews/")
        assert problem.headers["Content-Type"] == "application/problem+json"
        assert problem.json()["status"] == 503
        sign_in = await answer(coordinator, "POST", "/accounts/login/", data=form)
        assert "http-equiv" not in sign_in.text, "a form is not sent again by itself"
        assert "Traceback" not in web.output, "an outage is a line for each request"
        give_back(database)
        until(lambda: status(site, coordinator) == 200)


async def answer(person: Visitor, method: str, path: str, **options: object) -> httpx.Response:
    """Returns the answer of a site without its database: it comes soon and says when to retry."""
    began = time.monotonic()
    found = await person.client.request(method, path, **options)  # type: ignore[arg-type]
    seconds = time.monotonic() - began
    assert (found.status_code, found.headers.get("Retry-After")) == (503, "5"), found.text
    assert seconds < ANSWERED_WITHIN_SECONDS, f"{path} took {seconds:.1f} s"
    return found


async def token(person: Visitor) -> str:
    page = await person.client.get("/me/settings/")
    found = TOKEN.search(page.text)
    assert found
    return found[1]


def status(site: Site, person: Visitor) -> int:
    return httpx.get(f"{site.url}/board/autumn/", cookies=person.client.cookies).status_code
