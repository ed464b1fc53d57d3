"""Fan-out: one busy board, three hundred screens. How many changes reach how many screens for one
core of the web process?
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from tests.load.client_process import Crowd
from tests.load.machine import Usage
from tests.load.processes import Ground, Server
from tests.load.producers import DirectProducer, RecordingProducer, StockProducer
from tests.load.rounds import alternately
from tests.load.table import Line, figure, milliseconds, ratios, spread
from tests.load.watched_board import SOCKETS, Board, watch_stock

CHANGES_A_SECOND = 1000
SECONDS = 5.0
STOCK_CHANGES = 60
RUNGS_UP = (1500, 2000, 3000, 4000, 6000)  # changes a second
RUNGS_DOWN = (750, 500, 250, 100)
RUNG_SECONDS = 3.0
P99_MS = 100.0
TARGET_RATIO = 50


@dataclass(frozen=True, slots=True)
class Delivered:
    """What reached the sockets in one measurement, and what the web process used for it; what the
    clients used shows that they were not what it waited for.
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
    """Ours in one round: at the promised load, at the greatest that keeps p99, and by the relay."""

    promised: Delivered
    greatest: Delivered
    relayed: Delivered


def run(ground: Ground) -> list[Line]:
    """The promise, the greatest load that keeps it, and the same load by way of the relay."""
    board = Board()
    ours, stock = alternately(
        "fan-out", lambda: _ours(ground, board), lambda: _stock(ground, board)
    )
    return [_promised_line(ours, stock), _greatest_line(ours), _relayed_line(ours)]


def measured(crowd: Crowd, server: Server, produce: Callable[[], int]) -> Delivered:
    """Count from before `produce` until every socket has reached the position it answers."""
    crowd.begin()
    before, clients, began = Usage.of(server.pid), Usage.of(crowd.pid), time.monotonic()
    report = crowd.until(produce())
    seconds, after = time.monotonic() - began, Usage.of(server.pid)
    return Delivered(
        events=report["delivered"],
        seconds=seconds,
        cpu_seconds=after.cpu_seconds - before.cpu_seconds,
        clients_cpu_seconds=Usage.of(crowd.pid).cpu_seconds - clients.cpu_seconds,
        memory=after.memory,
        p50_ms=report["p50_ms"],
        p99_ms=report["p99_ms"],
        carried_share=report["carried_share"],
    )


def _ours(ground: Ground, board: Board) -> Round:
    with ground.web() as server, Crowd() as crowd:
        board.watched_by(crowd, server)
        direct = DirectProducer(board.topic, board.keys)

        def load(seconds: float, changes_a_second: float) -> Delivered:
            return measured(crowd, server, lambda: direct.run(seconds, changes_a_second))

        promised = load(SECONDS, CHANGES_A_SECOND)
        greatest = _climb(promised, lambda rate: load(RUNG_SECONDS, rate))
        with ground.relay():
            recording = RecordingProducer(board.topic, board.keys)
            relayed = measured(crowd, server, lambda: recording.run(SECONDS, CHANGES_A_SECOND))
    return Round(promised, greatest, relayed)


def _climb(promised: Delivered, load: Callable[[float], Delivered]) -> Delivered:
    """The greatest load that is delivered in time: more until it is not, or less until it is."""
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
    """As many changes as it carries: a few are under way at any moment, never so many that the
    layer would drop some.
    """
    with ground.baseline("stock_consumer") as server, Crowd() as crowd:
        watch_stock(crowd, server)
        producer = StockProducer(board.rows())
        return measured(crowd, server, lambda: producer.run(STOCK_CHANGES, crowd.behind))


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
