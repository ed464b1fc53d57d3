"""The operations page, which `ops.js` keeps up to date, and its data as JSON.

The script polls the JSON while its socket receives nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from monitoring.alerts import destinations
from monitoring.check_connection import check_connection
from realtime.background.heartbeats import (
    BEAT_SECONDS,
    SILENT_AFTER,
    ProcessGroup,
    process_groups,
)
from realtime.log import topics
from realtime.models import Heartbeat
from realtime.operations import incidents, registry, texts
from realtime.operations.bounded_reads import read_or_none
from realtime.operations.registry import ROWS_SHOWN
from realtime.operations.status import STATUS_SECONDS, status_row
from realtime.protocol.server_frames import Row


@login_required
@require_safe
@never_cache
def page(request: HttpRequest) -> HttpResponse:
    _require_operations(request)
    with check_connection():
        state = _current_state()
        groups = _process_groups(state)
    words = texts.page_texts()
    config = state | {
        "texts": words,
        "language": translation.get_language(),
        "kinds": Heartbeat.Process.values,
        "runbooks": texts.runbooks(),
        "places": incidents.incident_pages(),
        "alerts": [asdict(line) for line in destinations.lines()],
        "kept": ROWS_SHOWN,
        "now": reverse("ops_now"),
        "ready": reverse("readyz"),
        "ask_after_ms": 3 * STATUS_SECONDS * 1000,
        "silent_ms": 5 * STATUS_SECONDS * 1000,
        "silent_after": SILENT_AFTER.total_seconds(),
        "heartbeat_seconds": BEAT_SECONDS,
    }
    context = {
        "config": config,
        "links": links(),
        "alerts": config["alerts"],
        "shown": initial_state(state, groups, words),
    }
    return render(request, "realtime/ops.html", context)


@login_required
@require_safe
@never_cache
def now(request: HttpRequest) -> JsonResponse:
    """All rows and the status of the site as JSON, determined by this web process.

    `unread`: the prefixes of the keys of rows that cannot be read.
    """
    _require_operations(request)
    return JsonResponse(_current_state())


def _current_state() -> dict[str, Any]:
    """The status and the rows. Answers within seconds, also while a table is locked."""
    with check_connection():
        status = status_row()
        is_lost = "database" in status["failing"]
        rows, unread = ([], registry.prefixes()) if is_lost else registry.readable_rows()
    # The relay that marks silent processes as gone may be down.
    seconds, limit = status["heartbeats"] or {}, SILENT_AFTER.total_seconds()
    silent = {key for key, age in seconds.items() if age > limit}
    rows = [row | {"alive": False} if row["key"] in silent else row for row in rows]
    return {"standing": status, "rows": rows, "unread": unread}


def _process_groups(state: Mapping[str, Any]) -> list[ProcessGroup] | None:
    """The processes by kind; None if they cannot be read."""
    if "heartbeat" in state["unread"]:
        return None
    return read_or_none(process_groups)


def _require_operations(request: HttpRequest) -> None:
    if not topics.may_watch(request.user, topics.ops()):
        raise PermissionDenied


def links() -> list[tuple[str, str]]:
    """Label and address of the tools that are configured: Grafana, Flower, Sentry, runbooks."""
    tools = (
        ("Grafana", settings.GRAFANA_URL),
        ("Flower", settings.FLOWER_URL),
        ("Sentry", settings.SENTRY_URL),
        (_("Runbooks"), settings.RUNBOOKS_URL),
    )
    return [(label, address) for label, address in tools if address]


def initial_state(
    state: Mapping[str, Any], groups: list[ProcessGroup] | None, words: Mapping[str, str]
) -> dict[str, Any]:
    """Template context of the page as first rendered; `ops-view-model.js` does it from then on."""
    status, unread = state["standing"], set(state["unread"])
    rows = [_with_datetimes(row) for row in state["rows"]]
    runbooks = texts.runbooks()
    found = [row | _incident_texts(row, words) for row in rows if row["kind"] == "trouble"]
    return _with_datetimes(status) | {
        "lag": duration(status["oldest_seconds"], words),
        "silence": duration(status["schedule_seconds"], words),
        "problems": [
            (
                words[f"check.{name}"],
                words[f"remedy.{name}"],
                runbooks.get(name),
                [words[f"check.{one}"] for one in consequences],
                blockers(status, words) if name == "tables" else [],
            )
            for name, consequences in causes(status).items()
        ],
        "quiet": sum(group.silent for group in groups or []),
        "processes": groups,
        "robots_unread": "robot" in unread,
        "incidents_unread": bool(unread - {"robot", "heartbeat"}),
        "robots": [row | _condition(row, words) for row in rows if row["kind"] == "robot"],
        "incidents": sorted(found, key=lambda row: row["at"], reverse=True)[:ROWS_SHOWN],
    }


def causes(status: Row) -> dict[str, list[str]]:
    """The failed checks that stand for themselves, each with its consequences.

    Must agree with `causes` in ops-view-model.js. A consequence of a consequence belongs to the
    first cause.
    """
    because = status["because"]
    found: dict[str, list[str]] = {one: [] for one in status["failing"] if one not in because}
    for name in status["failing"]:
        cause = name
        while cause in because:
            cause = because[cause]
        if cause != name:
            found.setdefault(cause, []).append(name)
    return found


def blockers(status: Row, words: Mapping[str, str]) -> list[str]:
    """One text for each database process that holds a lock, as in ops-view.js."""
    return [
        words["blocker"].format(
            application=one["application"] or words["blocker.unnamed"],
            pid=one["pid"],
            time=duration(one["seconds"], words),
        )
        for one in status["blockers"]
    ]


def duration(seconds: float | None, words: Mapping[str, str]) -> str:
    """The duration in the largest fitting unit; "" if it is unknown (None)."""
    if seconds is None:
        return ""
    for unit, length in (("hours", 3600), ("minutes", 60)):
        if seconds >= length:
            return words[unit].format(number=round(seconds / length))
    return words["seconds"].format(number=round(seconds))


def _incident_texts(incident: Row, words: Mapping[str, str]) -> Row:
    """Texts of an incident. A name or reason without a text is shown as it is."""
    what, name, reason = (incident[field] for field in ("what", "name", "reason"))
    return {
        "kind_text": words.get(what, what),
        "name_text": words.get(f"{what}.name.{name}", name or words.get(f"{what}.unnamed", "")),
        "reason_text": words.get(f"{what}.reason.{reason}", reason),
        "place": incidents.incident_pages().get(what),
    }


def _condition(robot: Row, words: Mapping[str, str]) -> Row:
    condition = _state(robot)
    reason = "" if condition == "ready" else words.get(f"robot.reason.{robot['reason']}", "")
    return {"condition": condition, "reason_text": reason}


def _state(robot: Row) -> str:
    if not robot["in_use"]:
        return "gone"
    if robot["rests_until"] is not None and robot["rests_until"] > timezone.now():
        return "resting"
    return "alarm" if robot["alarm"] else "ready"


def _with_datetimes(row: Row) -> Row:
    """The row with its ISO times as datetimes, for the template filters."""
    times = {name: row[name] for name in ("at", "since", "rests_until") if row.get(name)}
    return row | {name: datetime.fromisoformat(text) for name, text in times.items()}
