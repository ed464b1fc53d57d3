"""An hour's traffic on five thousand idle sockets: whether the web process's memory grows.

The hour's changes are sent ten times as fast, because what could be kept by mistake is kept for
each change, each frame and each socket. Timers of the process run by the real clock, so that its
regular checks happen a tenth as often as in an hour; no clock is replaced.
"""

from __future__ import annotations

import statistics
from dataclasses import dataclass

from tests.load.client_process import ClientProcess
from tests.load.idle import steady
from tests.load.machine import MEBIBYTE, Usage
from tests.load.processes import Ground, Server
from tests.load.producers import DirectProducer
from tests.load.rounds import say
from tests.load.table import Line
from tests.load.watched_board import Board

SOCKETS, PEOPLE, CARDS = 5000, 300, 300
CHANGES_A_SECOND = 100.0
STEPS = 12
STEP_SECONDS = 30.0
RETURNING_SOCKETS = 250
"""Sockets that open and close in each step: pages that are reloaded, phones that wake."""
WARM_UP_STEPS = 2
CATCH_UP_SECONDS = 120.0
TARGET_SHARE = 0.02


@dataclass(frozen=True, slots=True)
class Soak:
    """The usage after each step, and the positions that each socket got."""

    usages: list[Usage]
    changes: int

    @property
    def before(self) -> Usage:
        return self.usages[WARM_UP_STEPS - 1]

    @property
    def after(self) -> int:
        """The memory at the end, in bytes: of the last three steps the median."""
        return int(statistics.median(one.memory_bytes for one in self.usages[-3:]))

    @property
    def growth(self) -> float:
        """The share by which the memory grew after the warm-up."""
        return self.after / self.before.memory_bytes - 1


def run(ground: Ground) -> list[Line]:
    """Compares the memory at the end with that after the first steps."""
    board = Board(cards=CARDS, people=PEOPLE)
    with ground.web() as server, ClientProcess() as idle, ClientProcess() as returning:
        board.watched_by(idle, server, SOCKETS)
        soak = _soak(board, server, idle, returning)
    grown = (soak.after - soak.before.memory_bytes) / MEBIBYTE
    line = Line(
        what=f"Soak: {SOCKETS} idle sockets, {soak.changes} changes, "
        f"{STEPS * RETURNING_SOCKETS} sockets that come and go: growth of the web process",
        ours=f"{grown:.1f} MiB, {soak.growth * 100:.1f} %; MiB after each part: "
        + " ".join(one.memory.removesuffix(" MiB") for one in soak.usages),
        baseline=f"after the first {WARM_UP_STEPS} of {STEPS} parts: {soak.before.memory}",
        ratio=f"× {soak.growth + 1:.3f}",
        cpu=f"{soak.usages[-1].cpu_seconds - soak.usages[0].cpu_seconds:.0f}",
        memory=soak.usages[-1].memory,
        target=f"≤ {TARGET_SHARE * 100:.0f} %",
        met=soak.growth <= TARGET_SHARE,
    )
    return [line]


def _soak(board: Board, server: Server, idle: ClientProcess, returning: ClientProcess) -> Soak:
    producer = DirectProducer(board.topic, board.keys)
    began, usages = producer.position, []
    for step in range(1, STEPS + 1):
        say(f"soak: part {step} of {STEPS}")
        board.watched_by(returning, server, RETURNING_SOCKETS)
        idle.begin()  # whose counters would fill the memory of the machine
        idle.until(producer.run(STEP_SECONDS, CHANGES_A_SECOND), within=CATCH_UP_SECONDS)
        returning.close()
        usages.append(steady(server))
    return Soak(usages, producer.position - began)
