"""The update bot finds every version that this repository pins."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
CONFIG = ROOT / ".github" / "renovate.json"
# Managers whose default patterns find the files that they are for.
BY_DEFAULT = {
    "docker-compose": ("deploy/compose.yml", r"(^|/)(?:docker-)?compose[^/]*\.ya?ml$"),
    "dockerfile": ("deploy/Dockerfile", r"(^|/|\.)([Dd]ocker|[Cc]ontainer)file$"),
    "github-actions": (".github/workflows/pipeline.yml", r"(^|/)\.github/workflows/.+\.ya?ml$"),
    "npm": ("deploy/frontend/package.json", r"(^|/)package\.json$"),
}


def config() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(CONFIG.read_text())
    return found


def tracked() -> list[str]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    return listed.stdout.split() if listed.returncode == 0 else pytest.skip("no checkout of git")


def test_the_configuration_fits_the_schema_of_renovate() -> None:
    checker = Path(sys.executable).parent / "check-jsonschema"
    command = [checker, "--builtin-schema", "vendor.renovate", CONFIG]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_every_kind_of_pinned_version_has_a_manager() -> None:
    managers = set(config()["enabledManagers"])
    assert managers == {*BY_DEFAULT, "custom.regex", "kubernetes", "pip_requirements"}
    for path, pattern in BY_DEFAULT.values():
        assert (ROOT / path).exists()
        assert re.search(pattern, path)


@pytest.mark.parametrize(
    ("manager", "pinned"),
    [
        ("pip_requirements", r"^[\w.-]+(\[[\w,]+\])?==\S+ .*\\$"),
        ("kubernetes", r"^\s+image: \S+@sha256:"),
    ],
)
def test_a_manager_reads_every_file_with_pinned_versions(manager: str, pinned: str) -> None:
    directory = {"pip_requirements": "requirements/", "kubernetes": "deploy/kubernetes/"}[manager]
    patterns = [one.strip("/") for one in config()[manager]["managerFilePatterns"]]
    files = [path for path in tracked() if path.startswith(directory)]
    with_pins = [
        path for path in files if re.search(pinned, (ROOT / path).read_text(), re.MULTILINE)
    ]
    assert with_pins
    for path in with_pins:
        assert any(re.search(pattern, path) for pattern in patterns), path


@pytest.mark.parametrize("manager", config()["customManagers"], ids=lambda one: one["description"])
def test_a_manager_of_our_own_reads_name_and_version(manager: dict[str, Any]) -> None:
    (pattern,), (text,) = manager["managerFilePatterns"], manager["matchStrings"]
    (path,) = [path for path in tracked() if re.search(pattern.strip("/"), path)]
    python = text.replace("(?<", "(?P<")
    found = {one["depName"]: one["currentValue"] for one in re.finditer(python, read(path))}
    vendored = {}
    for version in (
        *ROOT.glob("project/static/vendor/*/VERSION"),
        *ROOT.glob("deploy/kubernetes/schemas/*/VERSION"),
    ):
        written = json.loads(version.read_text())
        vendored[written["package"]] = written["version"]
    assert found
    assert found.items() <= vendored.items()


def read(path: str) -> str:
    return (ROOT / path).read_text()
