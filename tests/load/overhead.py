"""The cost of metrics: the same fan-out by a web process with metrics and by one without."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tests.load.client_process import ClientProcess
from tests.load.fan_out import CHANGES_A_SECOND, Delivered, measured
from tests.load.processes import Ground
from tests.load.producers import DirectProducer
from tests.load.rounds import alternately
from tests.load.table import Line, milliseconds, ratios, spread
from tests.load.watched_board import SOCKETS, Board

SECONDS = 2.0
WARM_UP_SECONDS = 1.0
ROUNDS = 12  # many short rounds: the difference is only a few per cent
TARGET_PERCENT = 5.0
UNMEASURED = "tests.load.settings_without_metrics"


def run(ground: Ground) -> list[Line]:
    """Two processes side by side, each with its own board; only one works at a time."""
    with _watched(ground) as counting, _watched(ground, UNMEASURED) as silent:
        return [_line(*alternately("overhead", counting, silent, ROUNDS))]


@contextmanager
def _watched(
    ground: Ground, settings: str = "project.settings"
) -> Iterator[Callable[[], Delivered]]:
    """Starts a web process with these settings; yields a function that runs the load once."""
    board = Board()
    with ground.web(DJANGO_SETTINGS_MODULE=settings) as server, ClientProcess() as clients:
        board.watched_by(clients, server)
        producer = DirectProducer(board.topic, board.keys)
        measured(clients, server, lambda: producer.run(WARM_UP_SECONDS, CHANGES_A_SECOND))
        yield lambda: measured(clients, server, lambda: producer.run(SECONDS, CHANGES_A_SECOND))


def _line(counting: list[Delivered], silent: list[Delivered]) -> Line:
    spent, spared = (
        [one.cpu_seconds / one.events * 1e6 for one in each] for each in (counting, silent)
    )
    more = [(ratio - 1) * 100 for ratio in ratios(spent, spared)]
    return Line(
        what=f"Overhead of instrumentation: {SOCKETS} sockets × {CHANGES_A_SECOND} changes/s, "
        "core time for a delivered event",
        ours=spread(spent, "µs"),
        baseline=f"the same with nothing counted: {spread(spared, 'µs')}",
        ratio=f"{spread(more)} % more",
        p50=milliseconds(one.p50_ms for one in counting),
        p99=milliseconds(one.p99_ms for one in counting),
        cpu=spread([one.cpu_seconds for one in counting]),
        memory=counting[-1].memory,
        target=f"less than {TARGET_PERCENT:.0f} % more",
        met=statistics.median(more) < TARGET_PERCENT,
    )
