"""A board of five thousand cards: the time to the first snapshot, and whether queries and page size
stay constant.
"""

from __future__ import annotations

import json
import statistics
import time

from django.test import Client

from interview.live.rows import current_row
from interview.models import Interview
from tests.load.cold_board import Cold, open_cold, queries_of_snapshot
from tests.load.machine import pinned, web_core
from tests.load.processes import Ground
from tests.load.rounds import alternately
from tests.load.table import Line, milliseconds, spread
from tests.load.watched_board import Board

SMALL, LARGE = 50, 5000
ROW_BY_ROW = 40
TARGET_MS = 300.0
DIGITS = 16  # bytes that two pages may differ by, since ids have different numbers of digits


def run(ground: Ground) -> list[Line]:
    """Compares rendering for the first socket with rendering card by card."""
    small, large = Board(cards=SMALL, people=1), Board(cards=LARGE, people=1)
    ours, single = alternately(
        "large board", lambda: open_cold(ground, small, large), lambda: _row_by_row(large)
    )
    return [_time_line(ours, single), _queries_line(small, large), _page_line(small, large)]


def _row_by_row(board: Board) -> float:
    """Returns the seconds for the whole board, card by card; extrapolated from a sample."""
    ids = [int(key.partition(":")[2]) for key in board.keys[:ROW_BY_ROW]]
    with pinned(web_core()):
        began = time.perf_counter()
        for interview in ids:
            json.dumps(current_row(Interview(pk=interview)))
        return (time.perf_counter() - began) / ROW_BY_ROW * len(board.keys)


def _time_line(ours: list[Cold], single: list[float]) -> Line:
    milliseconds_taken = [one.milliseconds for one in ours]
    sooner = [other / one.seconds for one, other in zip(ours, single, strict=True)]
    return Line(
        what=f"Board of {LARGE} cards: first socket, from its handshake to the whole snapshot",
        ours=spread(milliseconds_taken, "ms"),
        baseline="card by card, rendering alone: " + spread([one * 1000 for one in single], "ms"),
        ratio=f"× {spread(sooner)} sooner",
        p99=milliseconds(milliseconds_taken),
        cpu=spread([one.cpu_seconds for one in ours]),
        memory=ours[-1].memory,
        target=f"≤ {TARGET_MS:.0f} ms",
        met=statistics.median(milliseconds_taken) <= TARGET_MS,
    )


def _queries_line(small: Board, large: Board) -> Line:
    few, many = queries_of_snapshot(small), queries_of_snapshot(large)
    return Line(
        what=f"… queries of a snapshot of {LARGE} cards",
        ours=str(many),
        baseline=f"{SMALL} cards: {few}",
        ratio=f"× {many / few:.3g}",
        target="the same number",
        met=few == many,
    )


def _page_line(small: Board, large: Board) -> Line:
    few, many = _page_bytes(small), _page_bytes(large)
    return Line(
        what=f"… size of its page without the rows, {LARGE} cards",
        ours=f"{many} bytes",
        baseline=f"{SMALL} cards: {few} bytes",
        ratio=f"× {many / few:.3g}",
        target="the same size",
        met=abs(many - few) <= DIGITS,
    )


def _page_bytes(board: Board) -> int:
    client = Client(headers={"cookie": board.cookies[0]}, HTTP_HOST="localhost")
    page = client.get(f"/board/{board.slug}/")
    assert page.status_code == 200, f"the page answered {page.status_code}"
    return len(page.content)
