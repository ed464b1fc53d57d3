"""The first day of a long campaign: whether a board costs more the more days the campaign has."""

from __future__ import annotations

import statistics

from django.db import connection

from realtime.log import reader
from tests.load.boards import add_later_days
from tests.load.cold_board import Cold, open_cold, queries_of_snapshot
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


def run(ground: Ground) -> list[Line]:
    """Compares a campaign of a hundred days with one of a single day, both with the same today."""
    small, short = Board(cards=10, people=1), Board(cards=CARDS_A_DAY, people=1)
    long = Board(cards=CARDS_A_DAY, people=1)
    add_later_days(long.campaign, DAYS - 1)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # as autovacuum has done for a campaign of weeks
    ours, single = alternately(
        "long campaign",
        lambda: open_cold(ground, small, long),
        lambda: open_cold(ground, small, short),
        rounds=ROUNDS,
    )
    return [_time_line(ours, single), _queries_line(long, short), _bytes_line(long, short)]


def _time_line(ours: list[Cold], single: list[Cold]) -> Line:
    taken, others = ([one.milliseconds for one in rounds] for rounds in (ours, single))
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
    many, few = queries_of_snapshot(long), queries_of_snapshot(short)
    return Line(
        what="… queries of its snapshot",
        ours=str(many),
        baseline=f"campaign of {CARDS_A_DAY}: {few}",
        ratio=f"× {many / few:.3g}",
        target="the same number",
        met=many == few,
    )


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
    return reader.take_snapshot(board.topic).text().size
