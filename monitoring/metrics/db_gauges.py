"""What the whole site stands at, read when somebody asks: by nobody's memory but the database's.

Whoever knows a number says so once, at start:

    PENDING_MARKERS.set_reader(lambda: {(): Change.objects.filter(position=None).count()})
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from time import monotonic

from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector, CollectorRegistry

logger = logging.getLogger(__name__)

# Values by the values of the labels, in their order.
Reading = Mapping[tuple[str, ...], float]

READ_TIMEOUT_SECONDS = 5.0  # half of what Prometheus has by itself


class DbGaugeRegistry(CollectorRegistry):
    """Read by one at a time. What is not begun in time is left out: a server that is away is waited
    for once, and not once for each number.
    """

    _ends_at = 0.0

    def collect(self) -> Iterable[Metric]:
        self._ends_at = monotonic() + READ_TIMEOUT_SECONDS
        yield from super().collect()

    @property
    def is_late(self) -> bool:
        return monotonic() > self._ends_at


DB_GAUGES = DbGaugeRegistry()


class DbGauge(Collector):
    """A number about the whole site; nothing is told of it until somebody can read it."""

    def __init__(self, name: str, documentation: str, labels: Sequence[str] = ()) -> None:
        self.name, self.documentation, self.labels = name, documentation, tuple(labels)
        self._read: Callable[[], Reading] | None = None
        DB_GAUGES.register(self)

    def set_reader(self, read: Callable[[], Reading]) -> None:
        self._read = read

    def read(self) -> Reading:
        """As it is now; nothing while nobody can read it. Raises whatever the reading raises."""
        return self._read() if self._read else {}

    def describe(self) -> Iterator[GaugeMetricFamily]:
        yield GaugeMetricFamily(self.name, self.documentation, labels=self.labels)

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Nothing, if it cannot be read: the other numbers are told all the same."""
        family = GaugeMetricFamily(self.name, self.documentation, labels=self.labels)
        reading = self._reading()
        if reading is None:
            return
        for values, number in reading.items():
            family.add_metric(values, number)
        yield family

    def _reading(self) -> Reading | None:
        from monitoring.metrics.metrics import (
            SITE_READ_ERRORS,  # the catalogue is made of these gauges
        )

        try:
            if DB_GAUGES.is_late:
                raise TimeoutError
            return self._read() if self._read else {}
        except Exception as error:
            # Whatever it stumbles over: a number that nobody can read must not hide the others.
            lost = {"action": "site_unread", "metric": self.name}
            logger.warning("%s was not read (%s)", self.name, type(error).__name__, extra=lost)
            SITE_READ_ERRORS.labels(self.name).inc()
            return None
