"""Opening a board that a web process has not shown yet, and the queries of its snapshot."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection, reset_queries
from django.test.utils import CaptureQueriesContext

from realtime.log import reader
from tests.load.client_process import ClientProcess
from tests.load.machine import Usage
from tests.load.processes import Ground
from tests.load.watched_board import Board


@dataclass(frozen=True, slots=True)
class Cold:
    """From the start of the first handshake to the whole snapshot, with nothing cached."""

    seconds: float
    cpu_seconds: float
    memory: str

    @property
    def milliseconds(self) -> float:
        return self.seconds * 1000


def open_cold(ground: Ground, small: Board, board: Board) -> Cold:
    """Serves a small board first, so that only the other board is new to the process."""
    with ground.web() as server, ClientProcess() as clients:
        small.watched_by(clients, server, sockets=1)
        before = Usage.of(server.pid)
        seconds = board.watched_by(clients, server, sockets=1)
        after = Usage.of(server.pid)
    return Cold(seconds, after.cpu_seconds - before.cpu_seconds, after.memory)


def queries_of_snapshot(board: Board) -> int:
    """Returns how many statements the snapshot takes; asserts that it has every card."""
    reset_queries()  # Django stops counting when its query log is full
    with CaptureQueriesContext(connection) as queries:
        snapshot = reader.take_snapshot(board.topic)
    cards = sum(row["kind"] == "interview" for row in snapshot.rows)
    assert cards == len(board.keys), f"{cards} cards instead of {len(board.keys)}"
    return len(queries)
