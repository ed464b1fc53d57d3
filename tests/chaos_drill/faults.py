"""The faults of the chaos drill, and the alert that must report each."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress

import psycopg
from django.conf import settings

from interview.models import Robot
from tests.chaos_drill.scene import Scene, scene
from tests.support.product.private_servers import PrivateServers
from tests.support.product.processes import environment
from tests.support.robots import make_delivery

FIRES_WITHIN_SECONDS = 420.0
WATCHED_FOR_SECONDS = 90.0  # after the alert, to see whether another follows
QUIET_WITHIN_SECONDS = 1_200.0  # a robot pauses ten minutes, and a cause fires five more
LOOK_EVERY_SECONDS = 3.0
HELD_SECONDS, FREE_SECONDS = 1.0, 0.1
THROTTLED = {"errcode": 130101, "errmsg": "send too fast, exceed 20 times per minute"}
Break = Callable[[Scene], AbstractContextManager[None]]


def play(wanted: Sequence[str]) -> list[str]:
    """Causes these faults one after the other; returns the names of those with wrong alerts."""
    failed = []
    with scene() as ground:
        _wait_until_quiet(ground)
        for name in wanted:
            break_it, alert = FAULTS[name]
            began = time.monotonic()
            with break_it(ground):
                fired = _alerts_until(ground, alert)
            seconds = time.monotonic() - began
            fired |= _wait_until_quiet(ground)
            found = ", ".join(sorted(fired)) or "nothing"
            print(f"{name}: {found}, after {seconds:.0f} s", flush=True)  # noqa: T201 its output
            if fired != {alert}:
                failed.append(name)
    return failed


def _wait_until_quiet(ground: Scene) -> set[str]:
    """Waits until no alert fires; returns the alerts sent meanwhile.

    Raises TimeoutError if one keeps firing.
    """
    told: set[str] = set()
    ends_at = time.monotonic() + QUIET_WITHIN_SECONDS
    while firing := ground.alerts_told():
        told |= firing
        if time.monotonic() > ends_at:
            raise TimeoutError(f"still firing: {', '.join(sorted(firing))}")
        time.sleep(LOOK_EVERY_SECONDS)
    return told


def _alerts_until(ground: Scene, wanted: str) -> set[str]:
    """Returns the alerts sent until some time after this one."""
    told: set[str] = set()
    ends_at = time.monotonic() + FIRES_WITHIN_SECONDS
    while time.monotonic() < ends_at:
        new = ground.alerts_told() - told
        told |= new
        if wanted in new:
            ends_at = time.monotonic() + WATCHED_FOR_SECONDS
        time.sleep(LOOK_EVERY_SECONDS)
    return told


@contextmanager
def without_relay(ground: Scene) -> Iterator[None]:
    ground.kill("relay")
    try:
        yield
    finally:
        ground.start("relay")


@contextmanager
def without_worker(ground: Scene) -> Iterator[None]:
    ground.kill("worker")
    try:
        yield
    finally:
        ground.start("worker")


@contextmanager
def without_redis(ground: Scene) -> Iterator[None]:
    servers = PrivateServers(settings.DATA_DIR, ("Valkey",))
    servers.kill("Valkey")
    try:
        yield
    finally:
        servers.start("Valkey")


@contextmanager
def dingtalk_refuses(ground: Scene) -> Iterator[None]:
    ground.dingtalk.next_answers.extend([THROTTLED] * 1_000)
    make_delivery(Robot.objects.get(), None)  # late in the evening nothing else would be sent
    try:
        yield
    finally:
        ground.dingtalk.next_answers.clear()


@contextmanager
def slow_database(ground: Scene) -> Iterator[None]:
    """Locks the tables that every page reads, again and again."""
    is_over = threading.Event()
    thread = threading.Thread(target=_lock_until, args=[is_over])
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()


def _lock_until(is_over: threading.Event) -> None:
    with psycopg.connect(environment()["DATABASE_URL"], autocommit=True) as connection:
        while not is_over.wait(FREE_SECONDS):
            # A process may hold one of the tables and wait for the other.
            with suppress(psycopg.errors.DeadlockDetected), connection.transaction():
                connection.execute("LOCK TABLE interview_interview, realtime_change")
                is_over.wait(HELD_SECONDS)


FAULTS: dict[str, tuple[Break, str]] = {
    "relay": (without_relay, "RelayStopped"),
    "redis": (without_redis, "LiveHintsLost"),
    "worker": (without_worker, "WorkersGone"),
    "dingtalk": (dingtalk_refuses, "DingTalkRefusing"),
    "database": (slow_database, "DatabaseSlow"),
}
