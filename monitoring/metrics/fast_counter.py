"""Counters for what happens tens of thousands of times a second: a plain number, read at scrape.

prometheus-client takes a lock for each count, which is several times the cost of the count itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from prometheus_client import REGISTRY
from prometheus_client.metrics_core import CounterMetricFamily
from prometheus_client.registry import Collector


class FastCounterSeries:
    """One series. Whoever adds to `number` is alone in doing so: the event loop of the process."""

    __slots__ = ("value",)

    def __init__(self) -> None:
        self.value = 0


class FastCounter(Collector):
    """A counter whose series are tallies. Of one process: a forked worker's are told by nobody."""

    def __init__(self, name: str, documentation: str, labels: Sequence[str]) -> None:
        self.name, self.documentation, self._labels = name, documentation, tuple(labels)
        self._series: dict[tuple[str, ...], FastCounterSeries] = {}
        REGISTRY.register(self)

    def labels(self, *values: str) -> FastCounterSeries:
        """The series of these values, in the order of the labels; to be kept, not asked for again.

        Raises ValueError for another number of values than of labels.
        """
        if len(values) != len(self._labels):
            raise ValueError(f"{self.name} has the labels {', '.join(self._labels)}.")
        return self._series.setdefault(values, FastCounterSeries())

    def describe(self) -> Iterator[CounterMetricFamily]:
        yield self._family()

    def collect(self) -> Iterator[CounterMetricFamily]:
        family = self._family()
        for values, series in list(self._series.items()):
            family.add_metric(values, series.value)
        yield family

    def _family(self) -> CounterMetricFamily:
        return CounterMetricFamily(self.name, self.documentation, labels=self._labels)
