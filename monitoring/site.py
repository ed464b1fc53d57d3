"""What the whole site stands at, read when somebody asks: by nobody's memory but the database's.

Whoever knows a number says so once, at start:

    PENDING_MARKERS.read_by(lambda: {(): Change.objects.filter(position=None).count()})
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from prometheus_client.metrics_core import GaugeMetricFamily
from prometheus_client.registry import Collector, CollectorRegistry

# Values by the values of the labels, in their order.
Reading = Mapping[tuple[str, ...], float]

SITE = CollectorRegistry()


class SiteGauge(Collector):
    """A number about the whole site; nothing is told of it until somebody can read it."""

    def __init__(self, name: str, documentation: str, labels: Sequence[str] = ()) -> None:
        self.name, self.documentation, self.labels = name, documentation, tuple(labels)
        self._read: Callable[[], Reading] | None = None
        SITE.register(self)

    def read_by(self, read: Callable[[], Reading]) -> None:
        self._read = read

    def describe(self) -> Iterator[GaugeMetricFamily]:
        yield GaugeMetricFamily(self.name, self.documentation, labels=self.labels)

    def collect(self) -> Iterator[GaugeMetricFamily]:
        family = GaugeMetricFamily(self.name, self.documentation, labels=self.labels)
        for values, number in (self._read() if self._read else {}).items():
            family.add_metric(values, number)
        yield family
