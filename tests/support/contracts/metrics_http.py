"""What the product's processes tell of themselves, read as Prometheus reads it."""

from __future__ import annotations

import re

import httpx
from prometheus_client.parser import text_string_to_metric_families

from tests.support.product.processes import Running

ADDRESS = r"Metrics on (http://127\.0\.0\.1:\d+/metrics)"
Labels = tuple[tuple[str, str], ...]


class Scrape:
    """One answer: its samples by name and labels, and the kinds of its metrics."""

    def __init__(self, text: str) -> None:
        families = list(text_string_to_metric_families(text))
        self.kinds = {family.name: family.type for family in families}
        self.samples: dict[tuple[str, Labels], float] = {
            (one.name, tuple(sorted(one.labels.items()))): one.value
            for family in families
            for one in family.samples
        }

    def total(self, metric: str, **labels: str) -> float:
        """The sum of the samples of this name that have these labels; 0 if there is none."""
        return sum(
            value
            for (found, its), value in self.samples.items()
            if found == metric and labels.items() <= dict(its).items()
        )

    def has(self, name: str) -> bool:
        return any(found == name for found, _labels in self.samples)

    def counters(self) -> dict[tuple[str, Labels], float]:
        """Whatever must never fall."""
        ending = re.compile("_(total|count|sum|bucket)$")
        return {key: value for key, value in self.samples.items() if ending.search(key[0])}


def address(process: Running) -> str:
    return process.wait_for(ADDRESS)[1]


def scrape(url: str) -> Scrape:
    return Scrape(httpx.get(url, timeout=10).raise_for_status().text)
