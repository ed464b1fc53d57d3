"""Generates dashboards/*.json from boards/*.yml and the runbooks: `python -m deploy.grafana.build`.

It also runs deploy/kubernetes/build.py, which makes Kubernetes objects of them and of the rules.

A board file describes each panel: what it shows, what is normal, what to do otherwise, and its
limits; this script adds the rest that Grafana needs. In queries, `$of` stands for the job and
instance selected in Grafana. Site-wide metrics come from one process and are queried without it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zlib import crc32

import yaml

from deploy.kubernetes import build as kubernetes

HERE = Path(__file__).resolve().parent
BOARDS, DASHBOARDS = HERE / "boards", HERE / "dashboards"
RUNBOOKS = HERE.parent / "docs" / "runbooks.md"
SELECTED_PROCESSES = 'job=~"$job", instance=~"$instance"'
DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}
WIDTH, HEIGHT = 24, 7
STAT_HEIGHT, TEXT_HEIGHT = 5, 12
LAYOUTS = {"stat": STAT_HEIGHT, "timeseries": HEIGHT, "text": TEXT_HEIGHT}
MAX_ID = 100_000
SCHEMA_VERSION = 41  # of Grafana 12.1, which deploy/compose.yml starts
# Events that explain a change of the curves, on every dashboard.
ANNOTATIONS: tuple[dict[str, Any], ...] = (
    {
        "name": "Releases",
        "iconColor": "blue",
        "expr": "1000 * min by (release, build) (process_start_time_seconds"
        " * on (job, instance) group_left (release, build) recruit_build_info)",
        "useValueForTime": True,  # the value is when the first process of the release started
        "titleFormat": "Release {{release}} {{build}}",
        "textFormat": "Its first process started",
    },
    {
        "name": "Shifted rooms",
        "iconColor": "orange",
        "expr": "sum(increase(recruit_room_shifts_total[1m])) > 0",
        "useValueForTime": False,
        "titleFormat": "Room shifted",
        "textFormat": "Its waiting interviews start later or earlier",
    },
)


def dashboards() -> dict[str, dict[str, Any]]:
    """Return every dashboard by the name of its file."""
    runbooks = _runbook_panels()
    places = {panel["title"]: panel["id"] for panel in runbooks}
    found = {
        path.stem: _dashboard(path.stem, board["title"], board["about"], _rows(board, places))
        for path in sorted(BOARDS.glob("*.yml"))
        for board in [yaml.safe_load(path.read_text())]
    }
    about = "What to do about each alert."
    return found | {"runbooks": _dashboard("runbooks", "Runbooks", about, runbooks)}


def _dashboard(name: str, title: str, about: str, panels: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "uid": f"recruit-{name}",
        "title": title,
        "description": about,
        "tags": ["recruit"],
        "timezone": "browser",
        "schemaVersion": SCHEMA_VERSION,
        "editable": False,
        "graphTooltip": 1,
        "refresh": "10s",
        "time": {"from": "now-1h", "to": "now"},
        "templating": {"list": _variables()},
        "annotations": {"list": [_annotation(one) for one in ANNOTATIONS]},
        "links": [
            {
                "type": "dashboards",
                "title": "Recruit Live",
                "tags": ["recruit"],
                "includeVars": True,
                "keepTime": True,
            }
        ],
        "panels": panels,
    }


def _annotation(event: dict[str, Any]) -> dict[str, Any]:
    return {"datasource": DATASOURCE, "enable": True, "step": "60s"} | event


def _variables() -> list[dict[str, Any]]:
    queries = {
        "job": 'label_values(up{job=~"recruit-.*"}, job)',
        "instance": 'label_values(up{job=~"$job"}, instance)',
    }
    return [
        {"name": "datasource", "label": "Datasource", "type": "datasource", "query": "prometheus"},
        *(
            {
                "name": name,
                "label": name.capitalize(),
                "type": "query",
                "datasource": DATASOURCE,
                "query": {"query": query, "refId": name},
                "refresh": 2,
                "sort": 1,
                "multi": True,
                "includeAll": True,
                "allValue": "recruit-.*" if name == "job" else ".*",
                "current": {"text": ["All"], "value": ["$__all"]},
            }
            for name, query in queries.items()
        ),
    ]


def _rows(board: dict[str, Any], places: dict[str, int]) -> list[dict[str, Any]]:
    """Return a heading per row, followed by its panels, with positions and ids."""
    panels: list[dict[str, Any]] = []
    top = 0
    for row in board["rows"]:
        place = {"x": 0, "y": top, "w": WIDTH, "h": 1}
        panels.append({"type": "row", "title": row["title"], "collapsed": False, "gridPos": place})
        row_panels = [_panel(one, places) for one in row["panels"]]
        top = _lay_out(row_panels, top + 1)
        panels += row_panels
    return [panel | {"id": panel_id(panel["type"], panel["title"])} for panel in panels]


def panel_id(kind: str, title: str) -> int:
    """Return the id of a panel: the same wherever it moves, because alerts link to it."""
    return crc32(f"{kind}: {title}".encode()) % MAX_ID


def _lay_out(panels: list[dict[str, Any]], top: int) -> int:
    """Set the positions of the panels, left to right; return the top of the next row."""
    left = height = 0
    for panel in panels:
        width = panel["gridPos"]["w"]
        if left + width > WIDTH:
            left, top, height = 0, top + height, 0
        panel["gridPos"] |= {"x": left, "y": top, "h": LAYOUTS[panel["type"]]}
        left, height = left + width, max(height, panel["gridPos"]["h"])
    return top + height


def _panel(panel: dict[str, Any], places: dict[str, int]) -> dict[str, Any]:
    kind = panel.get("kind", "timeseries")
    names = panel.get("runbooks", [])
    normal, otherwise = panel["normal"], panel["otherwise"]
    return {
        "type": kind,
        "title": panel["title"],
        "description": f"{panel['says']}\n\n**Normal:** {normal}\n\n**Otherwise:** {otherwise}",
        "datasource": DATASOURCE,
        "gridPos": {"w": panel["width"]},
        "fieldConfig": {"defaults": _field_defaults(panel, kind), "overrides": []},
        "options": _options(kind),
        "links": [
            {"title": f"Runbook: {name}", "url": f"/d/recruit-runbooks?viewPanel={places[name]}"}
            for name in names
        ],
        "targets": list(_targets(panel["queries"])),
    }


def _field_defaults(panel: dict[str, Any], kind: str) -> dict[str, Any]:
    steps = [{"color": color, "value": value} for color, value in panel["limits"].items()]
    defaults: dict[str, Any] = {
        "unit": panel["unit"],
        "min": None if panel["unit"] == "percentunit" else 0,
        "thresholds": {"mode": "absolute", "steps": steps},
    }
    if kind == "timeseries":
        style = "line+area" if len(steps) > 1 else "off"
        defaults["custom"] = {
            "thresholdsStyle": {"mode": style},
            "fillOpacity": 5,
            "spanNulls": False,
        }
    return defaults


def _options(kind: str) -> dict[str, Any]:
    if kind == "stat":
        return {"reduceOptions": {"calcs": ["lastNotNull"]}, "colorMode": "background"}
    return {
        "legend": {"displayMode": "table", "placement": "bottom", "calcs": ["lastNotNull", "max"]},
        "tooltip": {"mode": "multi", "sort": "desc"},
    }


def _targets(queries: list[dict[str, str]]) -> Iterator[dict[str, Any]]:
    for letter, query in zip("ABCDEFGH", queries, strict=False):
        ((legend, expression),) = query.items()
        yield {
            "refId": letter,
            "expr": expression.replace("$of", SELECTED_PROCESSES),
            "legendFormat": legend,
            "exemplar": "histogram_quantile" in expression,
            "datasource": DATASOURCE,
        }


def _runbook_panels() -> list[dict[str, Any]]:
    """Return a text panel per section of the runbooks, two in a row."""
    parts = re.split(r"^## (\w+)\n", RUNBOOKS.read_text(), flags=re.MULTILINE)
    sections = zip(parts[1::2], parts[2::2], strict=True)
    panels: list[dict[str, Any]] = [
        {
            "id": panel_id("text", name),
            "type": "text",
            "title": name,
            "gridPos": {"w": WIDTH // 2},
            "options": {"mode": "markdown", "content": text.strip()},
        }
        for name, text in sections
    ]
    _lay_out(panels, 0)
    return panels


def to_json(dashboard: dict[str, Any]) -> str:
    """Return the file content, with a line per field of a panel so that diffs are readable."""
    return _format(dashboard, levels=3) + "\n"


def _format(value: Any, levels: int, indent: str = "") -> str:
    if not levels or not value or not isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    deeper = indent + "  "
    if isinstance(value, dict):
        opens, closes = "{", "}"
        parts = [
            f"{json.dumps(name)}: {_format(one, levels - 1, deeper)}" for name, one in value.items()
        ]
    else:
        opens, closes = "[", "]"
        parts = [_format(one, levels - 1, deeper) for one in value]
    between = f",\n{deeper}".join(parts)
    return f"{opens}\n{deeper}{between}\n{indent}{closes}"


def main() -> None:
    DASHBOARDS.mkdir(exist_ok=True)
    for name, dashboard in dashboards().items():
        (DASHBOARDS / f"{name}.json").write_text(to_json(dashboard))
    kubernetes.main()


if __name__ == "__main__":
    main()
