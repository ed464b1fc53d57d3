"""Commit to screen: fifty times a second a service changes the board. Measures how long after the
COMMIT has returned the change arrives at three hundred sockets.
"""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any

from interview import services
from interview.live import rows
from interview.models import Interview
from interview.services.transitions import Actor
from tests.load.client_process import ClientProcess
from tests.load.machine import Usage, has_separate_cores, second_web_core, web_core
from tests.load.processes import Ground, Server
from tests.load.producers import StockProducer, paced, relayed_position
from tests.load.rounds import alternately, say
from tests.load.table import Line, figure, milliseconds, ratios, spread
from tests.load.watched_board import SOCKETS, Board, watch_stock

CHANGES_A_SECOND = 50
SECONDS = 5.0
WARM_UP_SECONDS = 1.0
P50_MS, P99_MS = (15.0, 60.0) if has_separate_cores() else (25.0, 80.0)
RELAY_MS = 4.0
ARRIVE_WITHIN_SECONDS = 10.0
ACTOR = Actor(user=None, source="test")

Done = Callable[[Interview], None]


@dataclass(frozen=True, slots=True)
class Round:
    """share: the part of all changes × sockets that arrived. relay_ms: its CPU time a change."""

    share: float
    p50_ms: float
    p99_ms: float
    cpu_seconds: float
    memory: str
    relay_ms: float = 0.0


class Day:
    """Confirms, checks in and starts each card through the real services."""

    def __init__(self, keys: list[str]) -> None:
        self._left = self._steps([int(key.partition(":")[2]) for key in keys])

    def _steps(self, ids: list[int]) -> Iterator[Interview]:
        steps = (services.interview_confirm, services.interview_check_in, services.interview_start)
        for version, step in enumerate(steps):
            for pk in ids:
                yield step(interview_id=pk, version=version + 1, actor=ACTOR)

    def play(self, seconds: float, done: Done) -> int:
        """Works so many seconds; calls `done` after each commit; returns the changes."""
        total = round(seconds * CHANGES_A_SECOND)
        for _ in paced(total, CHANGES_A_SECOND):
            done(next(self._left))
        return total


def run(ground: Ground) -> list[Line]:
    """Compares our path (database, relay, hub) with sending from the same process."""
    board = Board()
    day = Day(board.keys)
    ours, stock = alternately(
        "commit to screen", lambda: _ours(ground, board, day), lambda: _stock(ground, day)
    )
    p50, p99 = max(one.p50_ms for one in ours), max(one.p99_ms for one in ours)
    slower = ratios([one.p50_ms for one in stock], [one.p50_ms for one in ours])
    line = Line(
        what=f"Commit → frame: {SOCKETS} sockets × {CHANGES_A_SECOND} changes/s through the "
        "services",
        ours=f"{figure(min(one.share for one in ours) * 100)} % arrived",
        baseline=f"stock consumer: {spread([one.share * 100 for one in stock], '%')} arrived, "
        f"p50 {milliseconds(one.p50_ms for one in stock)}, "
        f"p99 {milliseconds(one.p99_ms for one in stock)}",
        ratio=f"p50 × {spread(slower)} sooner",
        p50=milliseconds(one.p50_ms for one in ours),
        p99=milliseconds(one.p99_ms for one in ours),
        cpu=spread([one.cpu_seconds for one in ours]),
        memory=ours[-1].memory,
        target=f"p50 ≤ {P50_MS:.0f} ms, p99 ≤ {P99_MS:.0f} ms",
        met=p50 <= P50_MS and p99 <= P99_MS,
    )
    say("commit to screen: with two web processes")
    board = Board()  # a new one: each card can be started only once
    day = Day(board.keys)
    two = [_ours_twice(ground, board, day) for _ in ours]
    return [line, _relay_line(ours), _two_line(two)]


def _two_line(rounds: list[Round]) -> Line:
    has_own_cores = second_web_core() != web_core()
    return Line(
        what=f"… with two web processes, {SOCKETS // 2} sockets each, "
        + ("each on a core of its own" if has_own_cores else "which share one core"),
        ours=f"{figure(min(one.share for one in rounds) * 100)} % arrived",
        p50=milliseconds(one.p50_ms for one in rounds),
        p99=milliseconds(one.p99_ms for one in rounds),
        cpu=spread([one.cpu_seconds for one in rounds]),
        memory=rounds[-1].memory,
    )


def _relay_line(ours: list[Round]) -> Line:
    taken = [one.relay_ms for one in ours]
    return Line(
        what="… CPU time of the relay for each change",
        ours=spread(taken, "ms"),
        target=f"≤ {RELAY_MS:.0f} ms",
        met=statistics.median(taken) <= RELAY_MS,
    )


def _ours(ground: Ground, board: Board, day: Day) -> Round:
    with ground.web() as server:
        return _measured(ground, board, day, [server])


def _ours_twice(ground: Ground, board: Board, day: Day) -> Round:
    """The same with half of the sockets on each of two web processes."""
    with ground.web() as server, ground.web(second_web_core()) as other:
        return _measured(ground, board, day, [server, other])


def _measured(ground: Ground, board: Board, day: Day, servers: Sequence[Server]) -> Round:
    """Times are those of the slower server, CPU time is that of all."""
    commits: dict[str, float] = {}

    def note(interview: Interview) -> None:
        commits[f"{rows.interview_key(interview.pk)}@{interview.version}"] = time.time()

    with ground.relay() as relay, ExitStack() as until:
        sockets = SOCKETS // len(servers)
        clients = [until.enter_context(ClientProcess()) for _ in servers]
        for server, own in zip(servers, clients, strict=True):
            board.watched_by(own, server, sockets)
        day.play(WARM_UP_SECONDS, lambda interview: None)
        for own in clients:
            own.begin()
        before, relay_before = [Usage.of(one.pid) for one in servers], Usage.of(relay)
        changes = day.play(SECONDS, note)
        position = relayed_position(board.topic)
        relay_seconds = Usage.of(relay).cpu_seconds - relay_before.cpu_seconds
        rounds = []
        for server, usage, own in zip(servers, before, clients, strict=True):
            own.until(position)
            delays = own.since(commits)
            wanted = len(commits) * sockets
            assert delays["arrivals"] == wanted, f"{delays['arrivals']} arrivals, not {wanted}"
            rounds.append(_round(server, usage, delays, 1.0))
        return replace(
            max(rounds, key=lambda one: one.p99_ms),
            p50_ms=max(one.p50_ms for one in rounds),
            cpu_seconds=sum(one.cpu_seconds for one in rounds),
            relay_ms=relay_seconds / changes * 1000,
        )


def _stock(ground: Ground, day: Day) -> Round:
    """Sends the new row from the process that made the change, as the tutorial does."""
    with ground.baseline("stock_consumer") as server, ClientProcess() as clients:
        watch_stock(clients, server)
        producer = StockProducer({})
        day.play(WARM_UP_SECONDS, lambda interview: None)
        clients.begin()
        before = Usage.of(server.pid)
        total = day.play(SECONDS, lambda interview: _announce(producer, interview))
        report = _arrived_in_time(clients, total * SOCKETS)
        return _round(server, before, report, report["delivered"] / (total * SOCKETS))


def _announce(producer: StockProducer, interview: Interview) -> None:
    row = rows.current_row(interview)
    change = {"key": row["key"], "version": row["version"], "row": row}
    producer.announce(json.loads(json.dumps(change)))


def _arrived_in_time(clients: ClientProcess, wanted: int) -> dict[str, Any]:
    """Waits for all changes or the time limit, since the core layer drops silently."""
    deadline = time.monotonic() + ARRIVE_WITHIN_SECONDS
    while (report := clients.report())["delivered"] < wanted and time.monotonic() < deadline:
        time.sleep(0.05)
    return report


def _round(server: Server, before: Usage, delays: dict[str, Any], share: float) -> Round:
    after = Usage.of(server.pid)
    return Round(
        share=share,
        p50_ms=delays["p50_ms"],
        p99_ms=delays["p99_ms"],
        cpu_seconds=after.cpu_seconds - before.cpu_seconds,
        memory=after.memory,
    )
