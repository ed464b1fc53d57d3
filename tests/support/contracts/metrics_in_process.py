"""Reads the metrics of the test's own process, as Prometheus would see them.

before = scraped()
…
moved = scraped().since(before)
assert moved.of("recruit_ws_accepted_total", consumer="board") == 1
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from prometheus_client import REGISTRY

Series = tuple[str, frozenset[tuple[str, str]]]


@dataclass(frozen=True, slots=True)
class Scrape:
    """The values of all series at one moment."""

    numbers: Mapping[Series, float]

    def of(self, name: str, **labels: str) -> float:
        """Returns the sum over all series of this name that have at least these labels."""
        wanted = set(labels.items())
        return sum(
            number
            for (called, bears), number in self.numbers.items()
            if called == name and wanted <= bears
        )

    def since(self, before: Scrape) -> Scrape:
        """Returns how much each series has changed."""
        return Scrape(
            {one: number - before.numbers.get(one, 0.0) for one, number in self.numbers.items()}
        )

    def series(self, *prefixes: str) -> set[Series]:
        """Returns the series whose names start with one of these prefixes."""
        return {one for one in self.numbers if one[0].startswith(prefixes or "recruit_")}


def scraped() -> Scrape:
    return Scrape(
        {
            (sample.name, frozenset(sample.labels.items())): sample.value
            for family in REGISTRY.collect()
            for sample in family.samples
        }
    )
