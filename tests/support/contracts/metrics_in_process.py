"""What this process has counted, as Prometheus would read it.

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
    """Numbers by series."""

    numbers: Mapping[Series, float]

    def of(self, name: str, **labels: str) -> float:
        """The sum over all series of this name that bear these labels, and perhaps others."""
        wanted = set(labels.items())
        return sum(
            number
            for (called, bears), number in self.numbers.items()
            if called == name and wanted <= bears
        )

    def since(self, before: Scrape) -> Scrape:
        """How much each has moved."""
        return Scrape(
            {one: number - before.numbers.get(one, 0.0) for one, number in self.numbers.items()}
        )

    def series(self, *prefixes: str) -> set[Series]:
        """The series themselves, of names that begin so."""
        return {one for one in self.numbers if one[0].startswith(prefixes or "recruit_")}


def scraped() -> Scrape:
    return Scrape(
        {
            (sample.name, frozenset(sample.labels.items())): sample.value
            for family in REGISTRY.collect()
            for sample in family.samples
        }
    )
