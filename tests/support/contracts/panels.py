"""Reads the dashboards as Grafana gets them, and their queries as Grafana sends them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.support.external.programs import DEPLOY

DASHBOARDS = DEPLOY / "grafana" / "dashboards"
DEFAULTS = {  # the variables of a reader who has changed no selection
    "$job": "recruit-.*",
    "$instance": ".*",
    "$__rate_interval": "1m",
    "$__range": "5m",
}


@dataclass(frozen=True, slots=True)
class Query:
    """One query of a panel. where: dashboard, panel and legend, for error messages."""

    where: str
    written: str

    @property
    def asked(self) -> str:
        """The query with Grafana's variables replaced."""
        expression = self.written
        for name, value in DEFAULTS.items():
            expression = expression.replace(name, value)
        return expression


def dashboards() -> dict[str, dict[str, Any]]:
    return {path.stem: json.loads(path.read_text()) for path in sorted(DASHBOARDS.glob("*.json"))}


def panels() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yields the panels with numbers, and the name of their dashboard."""
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
