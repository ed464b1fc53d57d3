"""The settings of a web process without metrics; the difference is the cost of metrics."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

from prometheus_client import Counter, Gauge, Histogram, Summary

from monitoring.metrics.socket_metrics import ReceivedFrames, SentFrames, SocketMetrics
from project.settings import *  # noqa: F403  the product's own


def nothing(*arguments: Any, **keywords: Any) -> None:
    """Counts nothing."""


def untimed(*arguments: Any, **keywords: Any) -> nullcontext[None]:
    return nullcontext()


COUNTING = (
    *((Counter, "inc"), (Gauge, "inc"), (Gauge, "dec"), (Gauge, "set")),
    *((Histogram, "observe"), (Summary, "observe")),
    *(
        (ReceivedFrames, "count"),
        (SentFrames, "count"),
        (SocketMetrics, "closed"),
        (SocketMetrics, "painted"),
    ),
)
TIMING = (
    *((Histogram, "time"), (Summary, "time")),
    *((Gauge, "track_inprogress"), (ReceivedFrames, "measure")),
)
for kind, name in COUNTING:
    setattr(kind, name, nothing)
for kind, name in TIMING:
    setattr(kind, name, untimed)
