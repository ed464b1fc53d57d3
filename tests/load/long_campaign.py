"""The first day of a long campaign: whether a board costs more the more days the campaign has."""

from __future__ import annotations

import statistics
from dataclasses import dataclass

from django.db import connection, reset_queries
from django.test.utils import CaptureQueriesContext

from realtime.log import reader
from tests.load.boards import add_later_days
from tests.load.client_process import ClientProcess
from tests.load.machine import Usage
from tests.load.processes import Ground
from tests.load.rounds import alternately
from tests.load.table import Line, milliseconds, ratios, spread
from tests.load.watched_board import Board

CARDS_A_DAY = 300
DAYS = 100
ROUNDS = 4
NOISE = 1.25
"""The ratio of times up to which the machine may be the reason."""
DIGITS_A_ROW = 16
"""Bytes by which rows may differ, since later ids have more digits."""


@dataclass(frozen=True, slots=True)
class Opened:
    """From the handshake to the whole snapshot of a board that the process has not shown yet."""

    seconds: float
    cpu_seconds: float
    memory: str


def run(ground: Ground) -> list[Line]:
    """Compares a campaign of a hundred days with one of a single day, both with the same today."""
    small, short = Board(cards=10, people=1), Board(cards=CARDS_A_DAY, people=1)
    long = Board(cards=CARDS_A_DAY, people=1)
    add_later_days(long.campaign, DAYS - 1)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # as autovacuum has done for a campaign of weeks
    ours, single = alternately(
        "long campaign",
        lambda: _opened(ground, small, long),
        lambda: _opened(ground, small, short),
        rounds=ROUNDS,
    )
    return [_time_line(ours, single), _queries_line(long, short), _bytes_line(long, short)]


def _opened(ground: Ground, small: Board, board: Board) -> Opened:
    """Serves another board first, so that only this one is new to the process."""
    with ground.web() as server, ClientProcess() as clients:
        small.watched_by(clients, server, sockets=1)
        before = Usage.of(server.pid)
        seconds = board.watched_by(clients, server, sockets=1)
        after = Usage.of(server.pid)
    return Opened(seconds, after.cpu_seconds - before.cpu_seconds, after.memory)


def _time_line(ours: list[Opened], single: list[Opened]) -> Line:
    taken, others = ([one.seconds * 1000 for one in rounds] for rounds in (ours, single))
    slower = ratios(taken, others)
    return Line(
        what=f"Campaign of {CARDS_A_DAY * DAYS} interviews, {CARDS_A_DAY} of them today: first "
        "socket, from its handshake to the whole snapshot",
        ours=spread(taken, "ms"),
        baseline=f"campaign of {CARDS_A_DAY}: {spread(others, 'ms')}",
        ratio=f"× {spread(slower)}",
        p99=milliseconds(taken),
        cpu=spread([one.cpu_seconds for one in ours]),
        memory=ours[-1].memory,
        target=f"the same within noise (× {NOISE})",
        met=statistics.median(slower) <= NOISE,
    )


def _queries_line(long: Board, short: Board) -> Line:
    many, few = _queries(long), _queries(short)
    return Line(
        what="… queries of its snapshot",
        ours=str(many),
        baseline=f"campaign of {CARDS_A_DAY}: {few}",
        ratio=f"× {many / few:.3g}",
        target="the same number",
        met=many == few,
    )


def _queries(board: Board) -> int:
    reset_queries()  # Django stops counting when its query log is full
    with CaptureQueriesContext(connection) as queries:
        reader.take_snapshot(board.topic)
    return len(queries)


def _bytes_line(long: Board, short: Board) -> Line:
    many, few = _bytes(long), _bytes(short)
    return Line(
        what="… size of its snapshot",
        ours=f"{many} bytes",
        baseline=f"campaign of {CARDS_A_DAY}: {few} bytes",
        ratio=f"× {many / few:.3g}",
        target="the same size, but for digits of ids",
        met=abs(many - few) <= DIGITS_A_ROW * CARDS_A_DAY,
    )


def _bytes(board: Board) -> int:
    snapshot = reader.take_snapshot(board.topic)
    cards = sum(row["kind"] == "interview" for row in snapshot.rows)
    assert cards == CARDS_A_DAY, f"{cards} cards instead of {CARDS_A_DAY}"
    return snapshot.text().size
