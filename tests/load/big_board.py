"""A board of five thousand cards: the time to the first snapshot, and whether queries and page size
stay constant.
"""

from __future__ import annotations

import json
import statistics
import time
from dataclasses import dataclass

from django.db import connection, reset_queries
from django.test import Client
from django.test.utils import CaptureQueriesContext

from interview.live.rows import current_row
from interview.models import Interview
from realtime.log import reader
from tests.load.client_process import ClientProcess
from tests.load.machine import Usage, pinned, web_core
from tests.load.processes import Ground
from tests.load.rounds import alternately
from tests.load.table import Line, milliseconds, spread
from tests.load.watched_board import Board

SMALL, LARGE = 50, 5000
ROW_BY_ROW = 40
TARGET_MS = 300.0
DIGITS = 16  # bytes that two pages may differ by, since ids have different numbers of digits


@dataclass(frozen=True, slots=True)
class Cold:
    """From the start of the first handshake to the whole snapshot, with nothing cached."""

    seconds: float
    cpu_seconds: float
    memory: str


def run(ground: Ground) -> list[Line]:
    """Compares rendering for the first socket with rendering card by card."""
    small, large = Board(cards=SMALL, people=1), Board(cards=LARGE, people=1)
    ours, single = alternately(
        "large board", lambda: _cold(ground, small, large), lambda: _row_by_row(large)
    )
    return [_time_line(ours, single), _queries_line(small, large), _page_line(small, large)]


def _cold(ground: Ground, small: Board, large: Board) -> Cold:
    """Serves a small board first, so that only the large board is new to the process."""
    with ground.web() as server, ClientProcess() as clients:
        small.watched_by(clients, server, sockets=1)
        before = Usage.of(server.pid)
        seconds = large.watched_by(clients, server, sockets=1)
        after = Usage.of(server.pid)
    return Cold(seconds, after.cpu_seconds - before.cpu_seconds, after.memory)


def _row_by_row(board: Board) -> float:
    """Returns the seconds for the whole board, card by card; extrapolated from a sample."""
    ids = [int(key.partition(":")[2]) for key in board.keys[:ROW_BY_ROW]]
    with pinned(web_core()):
        began = time.perf_counter()
        for interview in ids:
            json.dumps(current_row(Interview(pk=interview)))
        return (time.perf_counter() - began) / ROW_BY_ROW * len(board.keys)


def _time_line(ours: list[Cold], single: list[float]) -> Line:
    milliseconds_taken = [one.seconds * 1000 for one in ours]
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
    few, many = _queries(small), _queries(large)
    return Line(
        what=f"… queries of a snapshot of {LARGE} cards",
        ours=str(many),
        baseline=f"{SMALL} cards: {few}",
        ratio=f"× {many / few:.3g}",
        target="the same number",
        met=few == many,
    )


def _queries(board: Board) -> int:
    reset_queries()  # Django stops counting when its query log is full
    with CaptureQueriesContext(connection) as queries:
        snapshot = reader.take_snapshot(board.topic)
    cards = sum(row["kind"] == "interview" for row in snapshot.rows)
    assert cards == len(board.keys), f"{cards} cards instead of {len(board.keys)}"
    return len(queries)


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
