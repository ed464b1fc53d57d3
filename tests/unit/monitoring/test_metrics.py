"""Rules for all metrics."""

from __future__ import annotations

from prometheus_client import Gauge

from monitoring.metrics import metrics


def test_no_gauge_outlives_its_process() -> None:
    """Otherwise the values of ended child processes of a worker would be added forever."""
    gauges = [one for one in vars(metrics).values() if isinstance(one, Gauge)]
    assert gauges
    assert [one._name for one in gauges if not one._multiprocess_mode.startswith("live")] == []
