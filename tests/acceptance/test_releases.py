"""A release and its rollback with two versions of the product, while people read and write."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import psycopg
import pytest
from django.contrib.auth.models import User

from jobs.models import Campaign
from tests.factories import make_interview
from tests.support import wait
from tests.support.clients.board_visits import BOARD
from tests.support.clients.simulated_clients import (
    Page,
    assert_pages_match,
    connectors,
    open_pages,
    until,
)
from tests.support.clients.websocket_client import Visitor, visitor
from tests.support.external.nginx import nginx
from tests.support.external.programs import free_port, listens
from tests.support.product.private_servers import PrivateServers, private_servers
from tests.support.product.processes import LISTENING, Running, Site, data_directory, environment
from tests.support.product.versions import NEXT, add_migration, copy_product

pytestmark = [
    pytest.mark.processes,
    pytest.mark.django_db(transaction=True),
    pytest.mark.timeout(600),  # many processes to start, on a machine that may be busy
    pytest.mark.xdist_group("nginx"),
]

# Each write of the API also inserts an event, so either version inserts into the changed table.
EXPAND = "[migrations.AddField('interviewevent', 'written_by', models.TextField(db_default='old'))]"
MODEL = """
models.TextField(db_default="old", default="new").contribute_to_class(InterviewEvent, "written_by")
"""
READY = {
    "web": LISTENING,
    "relay": r"The relay is running",
    "worker": r"celery@.* ready\.",
    "beat": r"This beat is (the leader|on standby)",
    "backup": r"\d files, in",
}
WAITS = rf"waits: a migration is not applied, the first is interview\.{NEXT}"


@pytest.fixture
def server(lin: User, campaign: Campaign) -> Iterator[PrivateServers]:
    """A database server of its own, with a campaign and an interview."""
    make_interview(campaign=campaign)
    with data_directory() as directory, private_servers(directory, "PostgreSQL") as servers:
        servers.copy_database()
        yield servers


class Writer:
    """Confirms an interview and undoes it, again and again; fails if one write is refused."""

    def __init__(self, person: Visitor, interview: int) -> None:
        self._person, self._path = person, f"/api/v1/interviews/{interview}/"
        self.version = 1
        self._is_stopping = False
        self._task = asyncio.create_task(self._write_until_stopped())

    async def _write_until_stopped(self) -> None:
        while not self._is_stopping:
            action = "confirm" if self.version % 2 else "undo"
            answer = await self._person.post(f"{self._path}{action}/", {"version": self.version})
            assert answer.status_code == 200, f"{answer.status_code}: {answer.text}"
            self.version += 1

    async def go_on(self) -> None:
        """Waits for two more writes."""
        wanted = self.version + 2
        await until(lambda: self.version >= wanted or self._task.done(), "people can write")
        if self._task.done():
            self._task.result()

    async def stop(self) -> None:
        """Ends between two writes."""
        self._is_stopping = True
        await self._task


@asynccontextmanager
async def writing(person: Visitor, interview: int) -> AsyncIterator[Writer]:
    writer = Writer(person, interview)
    try:
        yield writer
    finally:
        await writer.stop()


def interview_in(server: PrivateServers) -> int:
    with psycopg.connect(server.env["DATABASE_URL"]) as session:
        ((found,),) = session.execute("SELECT id FROM interview_interview").fetchall()
        return int(found)


@asynccontextmanager
async def served(
    old_port: int, new_port: int, tmp_path: Path, lin: User
) -> AsyncIterator[tuple[Visitor, Page]]:
    """Yields Lin and Lin's board, behind an nginx that knows the web processes of both versions."""
    front = Site()
    (tmp_path / "nginx").mkdir()
    with nginx(tmp_path / "nginx", [old_port, new_port]) as edge:
        front.port = edge.port
        async with visitor(front, lin) as person, open_pages(*connectors(person, BOARD)) as (page,):
            yield person, page


async def start(site: Site, env: dict[str, str]) -> None:
    for name in ("relay", "web"):
        await asyncio.to_thread(site.start, name, **env)


async def stop(running: list[Running]) -> None:
    """Stops processes at once, as a deployment does."""
    alive = [process for process in running if process.is_alive()]
    codes = await asyncio.gather(*(asyncio.to_thread(one.terminate) for one in alive))
    assert set(codes) == {0}, dict(zip([one.name for one in alive], codes, strict=True))


class Release:
    """The processes of a new version, which wait for its migration."""

    def __init__(self, product: Path, env: dict[str, str], web_port: int) -> None:
        self._product, self._env = product, env
        self.web_port, self._flower_port = web_port, free_port()
        self._started: list[Running] = []
        add_migration(product, "interview", EXPAND)
        with (product / "interview" / "models" / "__init__.py").open("a") as models:
            models.write(f"from django.db import models\n{MODEL}")

    def start(self, name: str) -> Running:
        """Starts a process as its container does."""
        options = {
            "web": ["--host", "127.0.0.1", "--port", str(self.web_port)],
            "worker": ["--queues", "default", "--concurrency", "1"],
            "flower": ["--address=127.0.0.1", f"--port={self._flower_port}"],
        }.get(name, [])
        command = [sys.executable, "manage.py", "start", name, *options]
        own = {"HEARTBEAT_PATH": str(self._heartbeat(name))}
        process = Running(name, ["env", f"--chdir={self._product}", *command], self._env | own)
        self._started.append(process)
        return process

    @asynccontextmanager
    async def cleaned_up(self) -> AsyncIterator[None]:
        """Ends all processes at last."""
        try:
            yield
        finally:
            for process in self._started:
                process.kill() if process.is_alive() else process.show()

    def _heartbeat(self, name: str) -> Path:
        return self._product / f"heartbeat-{name}"

    def is_silent(self) -> bool:
        """True if no process serves or works."""
        ports = (self.web_port, self._flower_port)
        work = [self._heartbeat(name).exists() for name in (*READY, "flower")]
        return not any(work) and not any(map(listens, ports)) and not self.backups()

    def backups(self) -> list[Path]:
        return list((self._product / "backups").glob("*"))

    def wait_until_ready(self, running: list[Running]) -> None:
        for process in running:
            if process.name == "flower":
                wait.until(lambda: listens(self._flower_port))
            else:
                process.wait_for(READY[process.name])


@pytest.fixture
def new(server: PrivateServers, tmp_path: Path) -> Release:
    own = {
        "FLOWER_PASSWORD": "a-password-for-flower",
        "BACKUP_DIR": str(tmp_path / "new" / "backups"),
        "DRAIN_SECONDS": "1",
    }
    (tmp_path / "new").mkdir()
    product = copy_product(tmp_path / "new")
    return Release(product, environment() | server.env | own, free_port())


def written_by(server: PrivateServers) -> dict[str, int]:
    """Returns how many events each version has written."""
    with psycopg.connect(server.env["DATABASE_URL"]) as session:
        found = session.execute(
            "SELECT written_by, count(*) FROM interview_interviewevent GROUP BY 1"
        )
        return dict(found.fetchall())


async def test_a_release_and_its_rollback_lose_nothing_and_answer_every_request(
    site: Site, server: PrivateServers, new: Release, lin: User, tmp_path: Path
) -> None:
    old = server.env | {"DRAIN_SECONDS": "1"}
    await start(site, old)
    interview = await asyncio.to_thread(interview_in, server)
    async with served(site.port, new.web_port, tmp_path, lin) as (person, page), new.cleaned_up():
        async with writing(person, interview) as writer:
            processes = [new.start(name) for name in (*READY, "flower")]
            for process in processes:
                await asyncio.to_thread(process.wait_for, WAITS)
            await writer.go_on()
            assert new.is_silent(), "before the migration only the old version works"
            migrate = new.start("migrate")
            assert await asyncio.to_thread(migrate.wait) == 0, migrate.output
            await asyncio.to_thread(new.wait_until_ready, processes)
            await stop(site.running)
            await writer.go_on()
            written = written_by(server)
            assert written["new"] >= 2, "the premise: the new version has written"
            await start(site, old)  # the rollback: the database keeps the migration
            await stop([process for process in processes if process.name != "backup"])
            await writer.go_on()
            assert written_by(server)["old"] >= written["old"] + 2
        async with open_pages(*connectors(person, BOARD)) as (reload,):
            await assert_pages_match({page.topic: reload.board}, [page])
        assert page.snapshots == 1, "it resumed each time, and missed nothing"
        assert len(page.goodbyes) == 2, "the premise: both versions stopped under it"
    assert sum(written_by(server).values()) == writer.version
    for process in (*site.running, *processes, migrate):
        assert "Traceback" not in process.output, process.output
