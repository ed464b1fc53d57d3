"""Counters for events that happen tens of thousands of times a second: plain integers, no lock.

prometheus-client takes a lock per increment, which costs several times the increment itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from prometheus_client import REGISTRY
from prometheus_client.metrics_core import CounterMetricFamily
from prometheus_client.registry import Collector


class FastCounterSeries:
    """One series. Only the event loop of the process may add to `value`, as there is no lock."""

    __slots__ = ("value",)

    def __init__(self) -> None:
        self.value = 0


class FastCounter(Collector):
    """A counter with FastCounterSeries. Not for Celery workers, whose children are not scraped."""

    def __init__(self, name: str, documentation: str, labels: Sequence[str]) -> None:
        self.name, self.documentation, self._labels = name, documentation, tuple(labels)
        self._series: dict[tuple[str, ...], FastCounterSeries] = {}
        REGISTRY.register(self)

    def labels(self, *values: str) -> FastCounterSeries:
        """The series with these label values, in the order of the labels. Keep it for reuse.

        Raises ValueError if the number of values differs from that of labels.
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
