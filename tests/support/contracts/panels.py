"""The dashboards as Grafana is given them, and their expressions as Grafana would ask them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.support.external.programs import DEPLOY

DASHBOARDS = DEPLOY / "grafana" / "dashboards"
CHOSEN = {  # what a reader has chosen who has chosen nothing, just now
    "$job": "recruit-.*",
    "$instance": ".*",
    "$__rate_interval": "1m",
    "$__range": "5m",
}


@dataclass(frozen=True, slots=True)
class Query:
    """One line of a panel. where: dashboard, panel and line, for people."""

    where: str
    written: str

    @property
    def asked(self) -> str:
        """With the variables replaced, as Grafana does before it asks."""
        expression = self.written
        for name, value in CHOSEN.items():
            expression = expression.replace(name, value)
        return expression


def dashboards() -> dict[str, dict[str, Any]]:
    return {path.stem: json.loads(path.read_text()) for path in sorted(DASHBOARDS.glob("*.json"))}


def panels() -> Iterator[tuple[str, dict[str, Any]]]:
    """Those that show numbers, with the dashboard's name."""
    for name, dashboard in dashboards().items():
        for panel in dashboard["panels"]:
            if panel["type"] not in {"row", "text"}:
                yield name, panel


def queries() -> list[Query]:
    return [
        Query(f"{name} / {panel['title']} / {target['legendFormat']}", target["expr"])
        for name, panel in panels()
        for target in panel["targets"]
    ]
