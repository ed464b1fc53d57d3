"""Reads a process's metrics over HTTP, as Prometheus does."""

from __future__ import annotations

import re

import httpx
from prometheus_client.parser import text_string_to_metric_families

from tests.support.product.processes import Running

ADDRESS = r"Metrics on (http://127\.0\.0\.1:\d+/metrics)"
Labels = tuple[tuple[str, str], ...]


class Scrape:
    """One response: its samples by name and labels, and the types of its metrics."""

    def __init__(self, text: str) -> None:
        families = list(text_string_to_metric_families(text))
        self.kinds = {family.name: family.type for family in families}
        self.samples: dict[tuple[str, Labels], float] = {
            (one.name, tuple(sorted(one.labels.items()))): one.value
            for family in families
            for one in family.samples
        }

    def total(self, metric: str, **labels: str) -> float:
        """Returns the sum of the samples of this name with these labels; 0 if there are none."""
        return sum(
            value
            for (found, its), value in self.samples.items()
            if found == metric and labels.items() <= dict(its).items()
        )

    def has(self, name: str) -> bool:
        return any(found == name for found, _labels in self.samples)

    def counters(self) -> dict[tuple[str, Labels], float]:
        """Returns the samples that may never decrease."""
        ending = re.compile("_(total|count|sum|bucket)$")
        return {key: value for key, value in self.samples.items() if ending.search(key[0])}


def address(process: Running) -> str:
    return process.wait_for(ADDRESS)[1]


def scrape(url: str) -> Scrape:
    return Scrape(httpx.get(url, timeout=10).raise_for_status().text)
