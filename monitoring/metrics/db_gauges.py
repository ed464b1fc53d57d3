"""Gauges about the whole site, read from the database or the broker when /metrics/site is scraped.

So they do not depend on the memory of any process. The app that can read a value sets the reader
at start:

    PENDING_MARKERS.set_reader(lambda: {(): Change.objects.filter(position=None).count()})
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from time import monotonic

from prometheus_client import Counter
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector, CollectorRegistry

logger = logging.getLogger(__name__)

# Values of a gauge by its label values, in the order of the labels.
Reading = Mapping[tuple[str, ...], float]

READ_TIMEOUT_SECONDS = 5.0  # half of Prometheus' default scrape timeout


class DbGaugeRegistry(CollectorRegistry):
    """Registry of these gauges. Skips those that are not started within READ_TIMEOUT_SECONDS.

    So an unreachable server delays a scrape once, not once per gauge. Collect in one thread at a
    time.
    """

    read_errors: Counter | None = None
    """Counts the gauges that could not be read, by name. `metrics` sets it."""
    _deadline = 0.0

    def collect(self) -> Iterable[Metric]:
        self._deadline = monotonic() + READ_TIMEOUT_SECONDS
        yield from super().collect()

    @property
    def is_late(self) -> bool:
        return monotonic() > self._deadline


DB_GAUGES = DbGaugeRegistry()


class DbGauge(Collector):
    """A gauge about the whole site. It has no samples until a reader is set."""

    def __init__(self, name: str, documentation: str, labels: Sequence[str] = ()) -> None:
        self.name, self.documentation, self.labels = name, documentation, tuple(labels)
        self._read: Callable[[], Reading] | None = None
        DB_GAUGES.register(self)

    def set_reader(self, read: Callable[[], Reading]) -> None:
        """Sets the function that returns the current values."""
        self._read = read

    def read(self) -> Reading:
        """The current values; {} without a reader. Raises whatever the reader raises."""
        return self._read() if self._read else {}

    def describe(self) -> Iterator[GaugeMetricFamily]:
        yield GaugeMetricFamily(self.name, self.documentation, labels=self.labels)

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yields no family if reading fails, so that the other gauges are still exposed."""
        family = GaugeMetricFamily(self.name, self.documentation, labels=self.labels)
        reading = self._reading()
        if reading is None:
            return
        for values, number in reading.items():
            family.add_metric(values, number)
        yield family

    def _reading(self) -> Reading | None:
        try:
            if DB_GAUGES.is_late:
                raise TimeoutError
            return self._read() if self._read else {}
        except Exception as error:
            # Any error: a gauge that cannot be read must not hide the others.
            lost = {"action": "site_unread", "metric": self.name}
            logger.warning("Could not read %s (%s)", self.name, type(error).__name__, extra=lost)
            if DB_GAUGES.read_errors is not None:
                DB_GAUGES.read_errors.labels(self.name).inc()
            return None
