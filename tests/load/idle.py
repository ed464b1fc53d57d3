"""The memory of an idle socket, compared with what the bare server uses for a connection."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass

from tests.load.client_process import ClientProcess
from tests.load.machine import Usage
from tests.load.processes import Ground, Server
from tests.load.rounds import alternately
from tests.load.table import Line, spread
from tests.load.watched_board import Board

WARM_UP_SOCKETS = 100  # so that what loads on first use is not counted
SOCKETS = 2000
PEOPLE = 50
CARDS = 50
TARGET_KIB = 40
STEADY_SECONDS = 1.0
STEADY_SHARE = 0.002
STEADY_WITHIN_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Idle:
    kib_a_socket: float
    cpu_seconds: float
    memory: str


def run(ground: Ground) -> list[Line]:
    """Divides the growth of the process's memory by the number of sockets."""
    board = Board(cards=CARDS, people=PEOPLE)
    ours, bare = alternately("idle sockets", lambda: _ours(ground, board), lambda: _bare(ground))
    over = [one.kib_a_socket - other.kib_a_socket for one, other in zip(ours, bare, strict=True)]
    line = Line(
        what=f"Idle socket: memory of one of {SOCKETS}, over the bare server's",
        ours=spread([one.kib_a_socket for one in ours], "KiB")
        + f", that is {spread(over, 'KiB')} over the bare server",
        baseline="bare server: " + spread([one.kib_a_socket for one in bare], "KiB"),
        ratio="× "
        + spread(
            [one.kib_a_socket / other.kib_a_socket for one, other in zip(ours, bare, strict=True)]
        ),
        cpu=spread([one.cpu_seconds for one in ours]),
        memory=ours[-1].memory,
        target=f"≤ {TARGET_KIB} KiB over",
        met=statistics.median(over) <= TARGET_KIB,
    )
    return [line]


def _ours(ground: Ground, board: Board) -> Idle:
    with ground.web() as server, ClientProcess() as clients:
        board.watched_by(clients, server, WARM_UP_SOCKETS)
        before = steady(server)
        board.watched_by(clients, server, SOCKETS)
        return _cost(clients, before, steady(server))


def _bare(ground: Ground) -> Idle:
    with ground.baseline("bare_server") as server, ClientProcess() as clients:
        _open_bare(clients, server, WARM_UP_SOCKETS)
        before = steady(server)
        _open_bare(clients, server, SOCKETS)
        return _cost(clients, before, steady(server))


def _open_bare(clients: ClientProcess, server: Server, count: int) -> None:
    clients.open(
        url=server.socket("/"),
        origin=server.origin,
        cookies=[],
        count=count,
        hello={"type": "hello", "epoch": None, "position": None},
        awaits='{"type":"changes"',
    )


def steady(server: Server) -> Usage:
    """Returns the usage once memory is stable; buffers are freed a little later."""
    deadline = time.monotonic() + STEADY_WITHIN_SECONDS
    before = Usage.of(server.pid)
    while time.monotonic() < deadline:
        time.sleep(STEADY_SECONDS)
        now = Usage.of(server.pid)
        if abs(now.memory_bytes - before.memory_bytes) < STEADY_SHARE * before.memory_bytes:
            return now
        before = now
    return before


def _cost(clients: ClientProcess, before: Usage, after: Usage) -> Idle:
    report = clients.report()
    assert report["lost"] == 0, f"{report['lost']} sockets were closed"
    return Idle(
        kib_a_socket=(after.memory_bytes - before.memory_bytes) / SOCKETS / 1024,
        cpu_seconds=after.cpu_seconds - before.cpu_seconds,
        memory=after.memory,
    )
