"""Reads the alert rules, their tests and their runbooks from deploy/."""

from __future__ import annotations

import re
from typing import Any

import yaml

from tests.support.external.programs import DEPLOY

CONDITION, CAUSE = "recruit:condition", "recruit:cause"
PROMETHEUS = DEPLOY / "prometheus"
RUNBOOKS = DEPLOY / "docs" / "runbooks.md"


def read(path: Any) -> Any:
    return yaml.safe_load(path.read_text())


def rules() -> list[dict[str, Any]]:
    """Returns all recording rules and alerts."""
    return [
        rule
        for path in sorted((PROMETHEUS / "rules").glob("*.yml"))
        for group in read(path)["groups"]
        for rule in group["rules"]
    ]


def alerts() -> dict[str, dict[str, Any]]:
    """Returns the alerts with texts for people; an inhibitor is sent to nobody and has none."""
    return {rule["alert"]: rule for rule in rules() if "alert" in rule and "annotations" in rule}


def causes() -> set[str]:
    """Returns the alerts whose condition silences others."""
    return {rule["labels"]["cause"] for rule in rules() if rule.get("record") == CONDITION}


def recorded() -> set[str]:
    return {rule["record"] for rule in rules() if "record" in rule}


def tried() -> dict[str, set[bool]]:
    """Returns for each alert whether tests make it fire (True) and keep it silent (False)."""
    found: dict[str, set[bool]] = {}
    for path in (PROMETHEUS / "tests").glob("*.yml"):
        for test in read(path)["tests"]:
            for case in test["alert_rule_test"]:
                found.setdefault(case["alertname"], set()).add(bool(case["exp_alerts"]))
    return found


def sections() -> dict[str, str]:
    """Returns the text of each runbook by the name of its alert."""
    parts = re.split(r"^## (\w+)\n", RUNBOOKS.read_text(), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def panels_named(section: str) -> set[tuple[str, str]]:
    """Returns the dashboards and panels that a runbook names: "*Tasks*: Workers, Schedule; …"."""
    told = re.search(r"\*\*Look at\.\*\*(.*?)\.?\n\n", section, re.DOTALL)
    assert told is not None
    without_remarks = re.sub(r"\s*\(.*?\)", "", told[1].replace("\n", " "))
    return {
        (board, title.strip())
        for board, titles in re.findall(r"\*([^*]+)\*: ([^;]+)", without_remarks)
        for title in titles.split(", ")
    }
