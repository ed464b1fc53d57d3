"""Gauges about the whole site, read from a server when /metrics/site is scraped.

So they do not depend on the memory of any process. The app that can read a value sets the reader
at start:

    PENDING_MARKERS.set_reader(lambda: {(): Change.objects.filter(position=None).count()})

Each server (database, Redis, broker, …) is read in a thread of its own: a server that hangs, or a
table that is locked, costs the gauges that need it and no others. The activity of PostgreSQL is a
server of its own, because it is needed when tables cannot be read.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from threading import Thread
from time import monotonic

from prometheus_client import Counter
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector, CollectorRegistry

from monitoring.check_connection import check_connection, check_transaction

logger = logging.getLogger(__name__)

# Values of a gauge by its label values, in the order of the labels.
Reading = Mapping[tuple[str, ...], float]

READ_TIMEOUT_SECONDS = 5.0  # half of Prometheus' default scrape timeout


class DbGaugeRegistry(CollectorRegistry):
    """Registry of these gauges. Skips those that are not read within READ_TIMEOUT_SECONDS.

    Collect in one thread at a time.
    """

    def __init__(self) -> None:
        super().__init__()
        self._servers: dict[str, ServerReader] = {}
        self.read_errors: Counter | None = None

    def add(self, gauge: DbGauge) -> None:
        self.register(gauge)
        self._servers.setdefault(gauge.server, ServerReader(gauge.server)).gauges.append(gauge)

    def count_errors(self, counter: Counter) -> None:
        """Counts the gauges that could not be read, by name, from zero on."""
        self.read_errors = counter
        for server in self._servers.values():
            for gauge in server.gauges:
                counter.labels(gauge.name)  # a series that begins at 1 shows no increase

    def collect(self) -> Iterable[Metric]:
        """Yields no family for a gauge that could not be read; the others are still exposed."""
        ends_at = monotonic() + READ_TIMEOUT_SECONDS
        for server in self._servers.values():
            server.start()
        for server in self._servers.values():
            yield from server.families(max(ends_at - monotonic(), 0))


class ServerReader:
    """Reads the gauges of one server in a daemon thread, which a stopped server may hold up."""

    def __init__(self, server: str) -> None:
        self._server = server
        self.gauges: list[DbGauge] = []
        self._thread: Thread | None = None
        self._readings: dict[DbGauge, Reading] = {}

    def start(self) -> None:
        """Starts to read, unless the last reading still hangs: its gauges then stay unread."""
        self._readings = {}
        if self._thread is None or not self._thread.is_alive():
            self._thread = Thread(
                target=self._read, args=[self._readings], name=f"read {self._server}", daemon=True
            )
            self._thread.start()

    def families(self, seconds: float) -> Iterator[GaugeMetricFamily]:
        """Waits up to `seconds`; yields what was read by then, and counts the rest as errors."""
        if self._thread:
            self._thread.join(seconds)
        readings = dict(self._readings)
        for gauge in self.gauges:
            if gauge in readings:
                yield gauge.family(readings[gauge])
            else:
                _count_unread(gauge)

    def _read(self, readings: dict[DbGauge, Reading]) -> None:
        ends_at = monotonic() + READ_TIMEOUT_SECONDS
        with check_connection() as server:
            for gauge in self.gauges:
                if monotonic() > ends_at:
                    return
                try:
                    with check_transaction(server) if gauge.uses_database else nullcontext():
                        readings[gauge] = gauge.read()
                except Exception as error:
                    # Any error: a gauge that cannot be read must not hide the others.
                    lost = {"action": "site_unread", "metric": gauge.name}
                    reason = type(error).__name__
                    logger.warning("Could not read %s (%s)", gauge.name, reason, extra=lost)


def _count_unread(gauge: DbGauge) -> None:
    if DB_GAUGES.read_errors is not None:
        DB_GAUGES.read_errors.labels(gauge.name).inc()


DB_GAUGES = DbGaugeRegistry()


class DbGauge(Collector):
    """A gauge about the whole site. It has no samples until a reader is set.

    server: the server that the reader needs; its gauges are read one after the other.
    """

    def __init__(
        self,
        name: str,
        documentation: str,
        labels: Sequence[str] = (),
        *,
        server: str = "database",
    ) -> None:
        self.name, self.documentation, self.labels = name, documentation, tuple(labels)
        self.server = server
        self._read: Callable[[], Reading] | None = None
        DB_GAUGES.add(self)

    @property
    def uses_database(self) -> bool:
        """Whether the reader sends statements, which need the time limits of checks."""
        return self.server.startswith("database")

    def set_reader(self, read: Callable[[], Reading]) -> None:
        """Sets the function that returns the current values."""
        self._read = read

    def read(self) -> Reading:
        """The current values; {} without a reader. Raises whatever the reader raises."""
        return self._read() if self._read else {}

    def describe(self) -> Iterator[GaugeMetricFamily]:
        yield self.family({})

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Reads in the calling thread, for a registry other than DB_GAUGES. Raises as `read`."""
        yield self.family(self.read())

    def family(self, reading: Reading) -> GaugeMetricFamily:
        family = GaugeMetricFamily(self.name, self.documentation, labels=self.labels)
        for values, number in reading.items():
            family.add_metric(values, number)
        return family
