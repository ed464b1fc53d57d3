"""Analyses PromQL expressions: the series they read, and whether anything exports those."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import promql_parser
import yaml
from prometheus_client import Histogram
from prometheus_client.utils import floatToGoString

from monitoring.metrics import metrics

OF_EVERY_TARGET = frozenset({"job", "instance"})
# The series that we use of Prometheus and Alertmanager, with their labels.
OF_MONITORING: dict[str, frozenset[str]] = {
    "ALERTS": frozenset({"alertname", "alertstate", "severity"}),
    "alertmanager_build_info": OF_EVERY_TARGET,
    "alertmanager_notifications_failed_total": OF_EVERY_TARGET | {"integration"},
    "alertmanager_notifications_total": OF_EVERY_TARGET | {"integration"},
    "prometheus_notifications_dropped_total": OF_EVERY_TARGET,
    "prometheus_notifications_errors_total": OF_EVERY_TARGET | {"alertmanager"},
    "prometheus_notifications_sent_total": OF_EVERY_TARGET | {"alertmanager"},
}
EXPORTER_SERIES = Path(__file__).with_name("exporter_series.yml")


@dataclass(frozen=True, slots=True)
class Selector:
    """A selector: the name of the series, and the labels it compares with their values."""

    name: str
    labels: tuple[tuple[str, str], ...]


def parsed(expression: str) -> promql_parser.Expr:
    """Returns the syntax tree. Raises ValueError if this is not PromQL."""
    return promql_parser.parse(expression)


def selectors(expression: str) -> list[Selector]:
    """Returns every selector of the expression."""
    found: list[Selector] = []

    def visit(node: promql_parser.Expr) -> None:
        if isinstance(node, promql_parser.VectorSelector):
            labels = [(one.name, one.value) for one in node.matchers.matchers]
            found.append(Selector(node.name or "", tuple(labels)))

    promql_parser.walk(parsed(expression), pre_visit=visit)
    return found


def grouped_by(expression: str) -> set[str]:
    """Returns the labels of every `by` and `on` in the expression."""
    found: set[str] = set()

    def visit(node: promql_parser.Expr) -> None:
        modifier = getattr(node, "modifier", None)
        if isinstance(node, promql_parser.AggregateExpr) and modifier is not None:
            found.update(modifier.labels)
        elif isinstance(node, promql_parser.BinaryExpr) and modifier is not None:
            found.update(modifier.matching.labels if modifier.matching else [])

    promql_parser.walk(parsed(expression), pre_visit=visit)
    return found


@dataclass(frozen=True, slots=True)
class ExporterSeries:
    """A series of an exporter. since: the version that exports it first."""

    job: str
    name: str
    labels: frozenset[str]
    since: str


def exporter_series() -> list[ExporterSeries]:
    """Returns the recorded series of the exporters."""
    return [
        ExporterSeries(job, name, frozenset(one["labels"]), one.get("since", "0.0.0"))
        for job, series in yaml.safe_load(EXPORTER_SERIES.read_text()).items()
        for name, one in series.items()
    ]


def catalogue() -> dict[str, frozenset[str]]:
    """Returns the labels of every series that Prometheus can read, by its name."""
    return {"up": OF_EVERY_TARGET} | OF_MONITORING | dict(_series())


def _series() -> Iterator[tuple[str, frozenset[str]]]:
    for metric in vars(metrics).values():
        if not callable(getattr(metric, "describe", None)) or isinstance(metric, type):
            continue
        for family in metric.describe():
            own = family if hasattr(family, "_labelnames") else metric
            labels = OF_EVERY_TARGET | set(own._labelnames)
            match family.type:
                case "counter":
                    yield f"{family.name}_total", labels
                case "gauge":
                    yield family.name, labels
                case "histogram":
                    yield f"{family.name}_bucket", labels | {"le"}
                    yield f"{family.name}_sum", labels
                    yield f"{family.name}_count", labels
                case "summary":
                    yield f"{family.name}_sum", labels
                    yield f"{family.name}_count", labels


def limits_of(bucket_series: str) -> set[str]:
    """Returns the values of `le` that a histogram of the product has."""
    name = bucket_series.removesuffix("_bucket")
    return {
        floatToGoString(limit)
        for metric in vars(metrics).values()
        if isinstance(metric, Histogram) and metric._name == name
        for limit in metric._upper_bounds
    }


def faults(expression: str, recorded: set[str]) -> Iterator[str]:
    """Yields what the expression reads but nothing exports. recorded: names of recording rules."""
    known = catalogue()
    known |= {one.name: OF_EVERY_TARGET | one.labels for one in exporter_series()}
    kept: set[str] = set()
    for asked in selectors(expression):
        if asked.name in recorded:
            continue
        if asked.name not in known:
            yield f"there is no {asked.name}"
            continue
        kept |= known[asked.name]
        yield from (
            f"{asked.name} has no {label}"
            for label, _ in asked.labels
            if label not in known[asked.name]
        )
        limit = dict(asked.labels).get("le")
        if limit is not None and limit not in limits_of(asked.name):
            yield f"{asked.name} has no limit {limit}"
    if kept:
        yield from (f"nothing has {label}" for label in grouped_by(expression) - kept)
