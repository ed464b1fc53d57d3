"""Fan-out of one busy board to three hundred sockets: how many changes one core of the web process
delivers.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from tests.load.client_process import ClientProcess
from tests.load.machine import Usage
from tests.load.processes import NODE_MODULES, Ground, Server
from tests.load.producers import (
    DirectProducer,
    PeerProducer,
    RecordingProducer,
    StockProducer,
)
from tests.load.rounds import alternately, say
from tests.load.table import Line, figure, milliseconds, ratios, spread
from tests.load.watched_board import SOCKETS, Board, watch_stock

CHANGES_A_SECOND = 1000
SECONDS = 5.0
STOCK_CHANGES, PEER_CHANGES = 60, 3000
RUNGS_UP = (1500, 2000, 3000, 4000, 6000)  # changes a second
RUNGS_DOWN = (750, 500, 250, 100)
RUNG_SECONDS = 3.0
P99_MS = 100.0
TARGET_RATIO = 50


@dataclass(frozen=True, slots=True)
class Delivered:
    """Frames that reached the sockets in one measurement, and the CPU time of the web process.

    The clients' CPU time shows that they were not the bottleneck.
    """

    events: int
    seconds: float
    cpu_seconds: float
    clients_cpu_seconds: float
    memory: str
    p50_ms: float
    p99_ms: float
    carried_share: float

    @property
    def a_second(self) -> float:
        return self.events / self.seconds

    @property
    def a_core_second(self) -> float:
        return self.events / self.cpu_seconds


@dataclass(frozen=True, slots=True)
class Round:
    """Our figures of a round: the promised load, the greatest load, and through the relay."""

    promised: Delivered
    greatest: Delivered
    relayed: Delivered


def run(ground: Ground) -> list[Line]:
    """Measures the promised load, the greatest load in time, and the load through the relay."""
    board = Board()
    ours, stock = alternately(
        "fan-out", lambda: _ours(ground, board), lambda: _stock(ground, board)
    )
    lines = [_promised_line(ours, stock), _greatest_line(ours), _relayed_line(ours)]
    return [*lines, *_peer_lines(ground, board, ours)]


def measured(clients: ClientProcess, server: Server, produce: Callable[[], int]) -> Delivered:
    """Counts until every socket has reached the position that `produce` returns."""
    clients.begin()
    before, clients_before, began = Usage.of(server.pid), Usage.of(clients.pid), time.monotonic()
    report = clients.until(produce())
    seconds, after = time.monotonic() - began, Usage.of(server.pid)
    return Delivered(
        events=report["delivered"],
        seconds=seconds,
        cpu_seconds=after.cpu_seconds - before.cpu_seconds,
        clients_cpu_seconds=Usage.of(clients.pid).cpu_seconds - clients_before.cpu_seconds,
        memory=after.memory,
        p50_ms=report["p50_ms"],
        p99_ms=report["p99_ms"],
        carried_share=report["carried_share"],
    )


def _ours(ground: Ground, board: Board) -> Round:
    with ground.web() as server, ClientProcess() as clients:
        board.watched_by(clients, server)
        direct = DirectProducer(board.topic, board.keys)

        def load(seconds: float, changes_a_second: float) -> Delivered:
            return measured(clients, server, lambda: direct.run(seconds, changes_a_second))

        promised = load(SECONDS, CHANGES_A_SECOND)
        greatest = _climb(promised, lambda rate: load(RUNG_SECONDS, rate))
        with ground.relay():
            recording = RecordingProducer(board.topic, board.keys)
            relayed = measured(clients, server, lambda: recording.run(SECONDS, CHANGES_A_SECOND))
    return Round(promised, greatest, relayed)


def _climb(promised: Delivered, load: Callable[[float], Delivered]) -> Delivered:
    """Returns the greatest load that is delivered in time: raises or lowers it step by step."""
    reached = promised
    if promised.p99_ms > P99_MS:
        for rate in RUNGS_DOWN:
            reached = load(rate)
            if reached.p99_ms <= P99_MS:
                break
        return reached
    for rate in RUNGS_UP:
        higher = load(rate)
        if higher.p99_ms > P99_MS:
            break
        reached = higher
    return reached


def _stock(ground: Ground, board: Board) -> Delivered:
    """Sends as much as the stock consumer delivers, with few in flight so that none drops."""
    with ground.baseline("stock_consumer") as server, ClientProcess() as clients:
        watch_stock(clients, server)
        producer = StockProducer(board.rows())
        return measured(clients, server, lambda: producer.run(STOCK_CHANGES, clients.behind))


def _peer_lines(ground: Ground, board: Board, ours: list[Round]) -> Iterator[Line]:
    """A line for the peer, if its library is there."""
    if not (NODE_MODULES / "ws").exists():
        return
    say("fan-out: the peer in Node")
    peer = [_peer(ground, board) for _ in ours]
    each = ratios([one.promised.a_core_second for one in ours], [one.a_core_second for one in peer])
    line = Line(
        what="… a peer: Node with the library ws, one frame a change, nobody signed in, no log",
        ours=spread([one.promised.a_core_second for one in ours], "/s"),
        baseline="peer: " + spread([one.a_core_second for one in peer], "/s"),
        ratio="× " + spread(each),
    )
    yield _with_cost(line, peer)


def _peer(ground: Ground, board: Board) -> Delivered:
    with ground.peer() as server, ClientProcess() as clients:
        watch_stock(clients, server)
        producer = PeerProducer(board.rows(), server.origin)
        return measured(clients, server, lambda: producer.run(PEER_CHANGES, clients.behind))


def _promised_line(ours: list[Round], stock: list[Delivered]) -> Line:
    promised = [one.promised for one in ours]
    each = ratios([one.a_core_second for one in promised], [one.a_core_second for one in stock])
    p99 = max(one.p99_ms for one in promised)
    line = Line(
        what=f"Fan-out: {SOCKETS} sockets × {CHANGES_A_SECOND} changes/s, "
        "events delivered per second of one web core",
        ours=spread([one.a_core_second for one in promised], "/s"),
        baseline="stock consumer, as fast as it can: "
        + spread([one.a_core_second for one in stock], "/s"),
        ratio="× " + spread(each),
        target=f"ratio ≥ {TARGET_RATIO}, p99 ≤ {P99_MS:.0f} ms",
        met=statistics.median(each) >= TARGET_RATIO and p99 <= P99_MS,
    )
    return _with_cost(line, promised)


def _greatest_line(ours: list[Round]) -> Line:
    greatest = [one.greatest for one in ours]
    rates = [one.a_second / SOCKETS for one in greatest]
    line = Line(
        what=f"… the greatest load with p99 ≤ {P99_MS:.0f} ms: changes/s to {SOCKETS} sockets",
        ours=spread(rates, "changes/s")
        + f", {spread([one.a_second for one in greatest], 'events/s')}",
    )
    return _with_cost(line, greatest)


def _relayed_line(ours: list[Round]) -> Line:
    relayed = [one.relayed for one in ours]
    line = Line(
        what=f"… {CHANGES_A_SECOND} changes/s recorded and rendered by the relay, which shares a "
        "core with PostgreSQL, clients and producer",
        ours=spread([one.a_second for one in relayed], "events/s")
        + f", {figure(min(one.carried_share for one in relayed) * 100)} % as rows of their own",
    )
    return _with_cost(line, relayed)


def _with_cost(line: Line, rounds: list[Delivered]) -> Line:
    return replace(
        line,
        p50=milliseconds(one.p50_ms for one in rounds),
        p99=milliseconds(one.p99_ms for one in rounds),
        cpu=f"{spread([one.cpu_seconds for one in rounds])}, "
        f"clients {spread([one.clients_cpu_seconds for one in rounds])}",
        memory=rounds[-1].memory,
    )
