"""The faults of a game day, and the alert that must report each."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, AsyncExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from threading import Event
from typing import Any

import httpx
import psutil
import psycopg
import redis
from django.conf import settings
from django.db import connections
from django.utils import timezone
from websockets.asyncio.client import connect

from interview.demo.campaigns import AUTUMN_SLUG
from interview.models import Interview, Robot
from jobs.models import Campaign
from monitoring.backups.models import Backup
from realtime.log import changes
from tests.game_day.background import running
from tests.game_day.scene import Scene, sign_in
from tests.support.external.fake_dingtalk import Reply, hangs
from tests.support.product.day_topics import todays_board
from tests.support.product.processes import environment
from tests.support.robots import make_delivery

THROTTLED = {"errcode": 130101, "errmsg": "send too fast, exceed 20 times per minute"}
PAUSED_SECONDS, RUNNING_SECONDS = 0.4, 0.002
PAUSES_PER_LOOK = 5  # until the list of its processes is read again
BUSY_REQUESTS = 14  # more than the connections of a process
STUCK_READERS = 12
NOTICE_EVERY_SECONDS = 2.0
FAKETIME = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1"  # Debian's package faketime
Cause = Callable[[Scene], AbstractContextManager[None]]


@dataclass(frozen=True, slots=True)
class Fault:
    """cause: a context manager that causes it, and repairs it at the end; alert: its name."""

    cause: Cause
    alert: str


def killed(name: str) -> Cause:
    @contextmanager
    def cause(scene: Scene) -> Iterator[None]:
        scene.process(name).kill()
        try:
            yield
        finally:
            scene.start(name)

    return cause


def frozen(name: str) -> Cause:
    @contextmanager
    def cause(scene: Scene) -> Iterator[None]:
        with scene.process(name).suspended():
            yield

    return cause


@contextmanager
def worker_hangs(scene: Scene) -> Iterator[None]:
    """Stops the children that execute tasks; the main process goes on."""
    children = psutil.Process(scene.process("worker").pid).children(recursive=True)
    for child in children:
        child.suspend()
    try:
        yield
    finally:
        for child in children:
            child.resume()


def server_killed(name: str) -> Cause:
    @contextmanager
    def cause(scene: Scene) -> Iterator[None]:
        scene.servers[name].kill(name)
        try:
            yield
        finally:
            scene.servers[name].start(name)
            connections.close_all()

    return cause


def server_frozen(name: str) -> Cause:
    @contextmanager
    def cause(scene: Scene) -> Iterator[None]:
        scene.servers[name].pause(name)
        try:
            yield
        finally:
            scene.servers[name].resume(name)

    return cause


@contextmanager
def redis_refuses_writes(scene: Scene) -> Iterator[None]:
    """Redis has no memory left: it answers, with an error to every write."""
    with redis.Redis.from_url(settings.REDIS_URL) as server:
        server.config_set("maxmemory", "1")
        try:
            yield
        finally:
            server.config_set("maxmemory", "0")


@contextmanager
def slow_database(scene: Scene) -> Iterator[None]:
    """Pauses the database again and again, so that most requests meet a pause."""
    server = psutil.Process(scene.servers["PostgreSQL"].pid_of("PostgreSQL"))
    with running(lambda is_over: _pause_until(server, is_over)):
        yield


def _pause_until(server: psutil.Process, is_over: Event) -> None:
    while not is_over.is_set():
        family = [server, *server.children(recursive=True)]
        for _ in range(PAUSES_PER_LOOK):
            for number, seconds in (
                (signal.SIGSTOP, PAUSED_SECONDS),
                (signal.SIGCONT, RUNNING_SECONDS),
            ):
                for process in family:
                    with suppress(psutil.NoSuchProcess):
                        process.send_signal(number)
                time.sleep(seconds)


@contextmanager
def locked_table(scene: Scene) -> Iterator[None]:
    """Somebody locks the interviews in psql and goes home."""
    url = environment()["DATABASE_URL"]
    with psycopg.connect(url, application_name="psql") as forgotten:
        forgotten.execute("LOCK TABLE interview_interview")
        yield
        forgotten.rollback()


@contextmanager
def busy_pool(scene: Scene) -> Iterator[None]:
    """People open a slow page again and again."""

    def visit(is_over: Event) -> None:
        with httpx.Client(base_url=scene.day.site.url, timeout=60) as browser:
            while not is_over.is_set():
                with suppress(httpx.HTTPError):
                    browser.get("/busy/")

    with running(*[visit] * BUSY_REQUESTS):
        yield


def dingtalk_answers(answer: dict[str, Any] | Reply) -> Cause:
    """DingTalk treats every notice so, while notices are written."""

    @contextmanager
    def cause(scene: Scene) -> Iterator[None]:
        scene.dingtalk.next_answers.extend([answer] * 1_000)
        try:
            with running(_write_notices):
                yield
        finally:
            scene.dingtalk.next_answers.clear()
            scene.dingtalk.release.set()
            Robot.objects.update(rests_until=None, rest_reason="", alarm="", failures=0)

    return cause


def _write_notices(is_over: Event) -> None:
    robot = Robot.objects.get()
    while not is_over.wait(NOTICE_EVERY_SECONDS):
        make_delivery(robot, None)
    connections.close_all()


@contextmanager
def full_disk(scene: Scene) -> Iterator[None]:
    waste = scene.disk / "waste"
    with suppress(OSError), waste.open("wb") as file:
        while True:
            file.write(b"x" * (1 << 20))
    try:
        yield
    finally:
        waste.unlink()


@contextmanager
def stuck_readers(scene: Scene) -> Iterator[None]:
    """Browsers on a dead network: their sockets read nothing, while every card changes."""
    with running(lambda is_over: asyncio.run(_read_nothing(scene, is_over)), _change_cards):
        yield


async def _read_nothing(scene: Scene, is_over: Event) -> None:
    cookie = await asyncio.to_thread(sign_in, scene.day.site, "lin")
    async with AsyncExitStack() as sockets:
        for _ in range(STUCK_READERS):
            socket = await sockets.enter_async_context(
                connect(
                    scene.day.site.socket_url(f"/ws/board/{AUTUMN_SLUG}/"),
                    origin=scene.day.site.url,  # type: ignore[arg-type]
                    additional_headers={"Cookie": f"sessionid={cookie}"},
                    max_size=None,
                    max_queue=1,
                    ping_interval=None,
                    close_timeout=0,
                )
            )
            await socket.send('{"type":"hello","epoch":null,"position":null}')
            await socket.recv()
        await asyncio.to_thread(is_over.wait)


def _change_cards(is_over: Event) -> None:
    topic = todays_board(Campaign.objects.get(slug=AUTUMN_SLUG))
    keys = [(topic, f"interview:{pk}") for pk in Interview.objects.values_list("pk", flat=True)]
    while not is_over.wait(0.2):
        changes.record(keys)
    connections.close_all()


@contextmanager
def clock_jump(scene: Scene) -> Iterator[None]:
    """The web processes run on a machine whose clock is a minute and a half ahead."""
    scene.process("web").kill()
    scene.start("web", LD_PRELOAD=FAKETIME, FAKETIME="+90s", FAKETIME_DONT_FAKE_MONOTONIC="1")
    try:
        yield
    finally:
        scene.process("web").kill()
        scene.start("web")


@contextmanager
def ending_certificate(scene: Scene) -> Iterator[None]:
    """Nobody has renewed the certificate of the site."""
    scene.edge.nginx.use_certificate(scene.edge.ending)
    try:
        yield
    finally:
        scene.edge.nginx.use_certificate(scene.edge.lasting)


@contextmanager
def old_backup(scene: Scene) -> Iterator[None]:
    Backup.objects.update(taken_at=timezone.now() - timedelta(days=3))
    try:
        yield
    finally:
        Backup.objects.update(taken_at=timezone.now())


# In an order in which a fault follows one that explains its alert.
FAULTS: dict[str, Fault] = {
    "relay stopped": Fault(killed("relay"), "RelayStopped"),
    "Redis gone": Fault(server_killed("Valkey"), "RedisUnavailable"),
    "worker hangs": Fault(worker_hangs, "QueueNotDraining"),
    "database gone": Fault(server_killed("PostgreSQL"), "DatabaseGone"),
    "worker gone": Fault(killed("worker"), "WorkersGone"),
    "beat gone": Fault(killed("beat"), "ScheduleSilent"),
    "Redis frozen": Fault(server_frozen("Valkey"), "RedisUnavailable"),
    "relay frozen": Fault(frozen("relay"), "RelayStopped"),
    "table locked": Fault(locked_table, "DatabaseBlocked"),
    "beat hangs": Fault(frozen("beat"), "ScheduleSilent"),
    "database slow": Fault(slow_database, "DatabaseSlow"),
    "Redis refuses writes": Fault(redis_refuses_writes, "RedisUnavailable"),
    "pool exhausted": Fault(busy_pool, "DatabasePoolExhausted"),
    "web gone": Fault(killed("web"), "SiteDown"),
    "disk full": Fault(full_disk, "DiskFilling"),
    "readers that read nothing": Fault(stuck_readers, "SlowReadersLetGo"),
    "clock jump": Fault(clock_jump, "ClocksDiffer"),
    "certificate ends": Fault(ending_certificate, "CertificateExpires"),
    "backup old": Fault(old_backup, "BackupTooOld"),
    "DingTalk slow": Fault(dingtalk_answers(hangs), "DingTalkRefusing"),
    "DingTalk refuses": Fault(dingtalk_answers(THROTTLED), "DingTalkRefusing"),
}
# Faults that silence others.
CAUSES = (
    "relay stopped", "Redis gone", "worker hangs", "worker gone", "beat gone", "database gone",
    "table locked", "database slow", "web gone",
)  # fmt: skip
