"""A reconnect storm: a web process has just started, and three thousand browsers reconnect at once,
each to resume at its position.
"""

from __future__ import annotations

import re
import statistics
from dataclasses import dataclass

from realtime.log import reader
from tests.load.client_counts import percentile
from tests.load.client_process import ClientProcess
from tests.load.machine import Usage
from tests.load.processes import Ground, Server
from tests.load.producers import DirectProducer
from tests.load.query_counts import counted
from tests.load.rounds import alternately, say
from tests.load.table import Line, milliseconds, ratios, spread
from tests.load.watched_board import Board

SOCKETS = 3000
PEOPLE = 50
AT_ONCE = 100  # handshakes at a time, twice the listen backlog
MISSED_CHANGES = 20
TARGET_RATIO = 0.8
TARGET_QUERIES = 2
TARGET_STATEMENTS = 0.05
OURS = re.compile(r'FROM "(realtime|interview)_')  # about the topic, not sessions and permissions
CARDS_READ = re.compile(r'FROM "interview_interview" .*"jobs_candidate"')


@dataclass(frozen=True, slots=True)
class Storm:
    seconds: float
    delays: list[float]
    retries: int
    cpu_seconds: float
    memory: str

    @property
    def a_second(self) -> float:
        return SOCKETS / self.seconds


def run(ground: Ground) -> list[Line]:
    """Compares the rate of resumed sockets with a server that only accepts and answers."""
    board = Board(people=PEOPLE)
    epoch, position = _miss_something(board)
    hello = {"type": "hello", "epoch": epoch, "position": position}
    ours, bare = alternately(
        "reconnect storm",
        lambda: _ours(ground, board, hello),
        lambda: _bare(ground, hello),
    )
    return [_rate_line(ours, bare), *_statement_lines(ground, board, hello)]


def _miss_something(board: Board) -> tuple[str, int]:
    """Returns epoch and position of every client before the last changes."""
    head = reader.head_of(board.topic)
    DirectProducer(board.topic, board.keys).log_only(MISSED_CHANGES)
    return head.epoch, head.position


def _ours(ground: Ground, board: Board, hello: dict[str, object]) -> Storm:
    with ground.web() as server, ClientProcess() as clients:
        return _storm(clients, server, f"/ws/board/{board.slug}/", board.cookies, hello)


def _bare(ground: Ground, hello: dict[str, object]) -> Storm:
    with ground.baseline("bare_server") as server, ClientProcess() as clients:
        return _storm(clients, server, "/", [], hello)


def _storm(
    clients: ClientProcess, server: Server, path: str, cookies: list[str], hello: dict[str, object]
) -> Storm:
    before = Usage.of(server.pid)
    opened = clients.open(
        url=server.socket(path),
        origin=server.origin,
        cookies=cookies,
        count=SOCKETS,
        hello=hello,
        awaits='{"type":"changes"',
        at_once=AT_ONCE,
    )
    report, after = clients.report(), Usage.of(server.pid)
    assert report["lost"] == 0, f"{report['lost']} sockets were closed"
    cpu_seconds = after.cpu_seconds - before.cpu_seconds
    return Storm(
        seconds=opened["seconds"],
        delays=opened["delays"],
        retries=opened["retries"],
        cpu_seconds=cpu_seconds,
        memory=after.memory,
    )


def _rate_line(ours: list[Storm], bare: list[Storm]) -> Line:
    each = ratios([one.a_second for one in ours], [one.a_second for one in bare])
    return Line(
        what=f"Reconnect storm: {SOCKETS} sockets resume at once on a process just started",
        ours=f"{spread([one.a_second for one in ours], 'sockets/s')}, {_retries(ours)}",
        baseline="bare server, accept and answer: "
        f"{spread([one.a_second for one in bare], 'sockets/s')}, {_retries(bare)}, "
        f"{spread([one.cpu_seconds for one in bare])} CPU seconds",
        ratio="× " + spread(each),
        p50=milliseconds(percentile(one.delays, 50) * 1000 for one in ours),
        p99=milliseconds(percentile(one.delays, 99) * 1000 for one in ours),
        cpu=spread([one.cpu_seconds for one in ours]),
        memory=ours[-1].memory,
        target=f"ratio ≥ {TARGET_RATIO}",
        met=statistics.median(each) >= TARGET_RATIO,
    )


def _retries(storms: list[Storm]) -> str:
    """Describes how many sockets were refused in the handshake and came again."""
    return f"{max(one.retries for one in storms)} turned away first"


def _statement_lines(ground: Ground, board: Board, hello: dict[str, object]) -> list[Line]:
    """Repeats the storm, not timed, while PostgreSQL logs every statement."""
    say("reconnect storm: counting statements")
    with counted() as statements:
        _ours(ground, board, hello)
    readings = sum(bool(CARDS_READ.search(one)) for one in statements)
    about_topic = sum(bool(OURS.search(one)) for one in statements)
    admission = (len(statements) - about_topic) / SOCKETS
    return [
        Line(
            what="… how often the topic's rows were read for it",
            ours=f"{readings} readings ({about_topic} statements about the topic in all, its polls "
            "included)",
            target=f"≤ {TARGET_QUERIES} a topic",
            met=readings <= TARGET_QUERIES,
        ),
        Line(
            what="… statements about sessions and rights, and the start of the process",
            ours=f"{admission:.2f} a socket",
            target=f"≤ {TARGET_STATEMENTS} a socket",
            met=admission <= TARGET_STATEMENTS,
        ),
    ]
