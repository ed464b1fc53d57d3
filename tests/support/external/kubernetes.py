"""Reads the Kubernetes objects of an overlay, as kubectl renders them."""

from __future__ import annotations

import shutil
import subprocess
from functools import cache
from typing import Any

import pytest
import yaml

from tests.support.external.programs import DEPLOY

KUBERNETES = DEPLOY / "kubernetes"
MISSING = "kubectl is missing, so overlays cannot be rendered: install kubectl"
Object = dict[str, Any]


@cache
def _rendered(overlay: str) -> str:
    command = ["kubectl", "kustomize", KUBERNETES / "overlays" / overlay]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def objects(overlay: str) -> list[Object]:
    """Returns all objects of an overlay; skips the test without kubectl."""
    if shutil.which("kubectl") is None:
        pytest.skip(MISSING)
    return list(yaml.safe_load_all(_rendered(overlay)))


def base_objects() -> list[Object]:
    """Returns all objects in the files of the base, before kustomize renders them."""
    files = [path for path in (KUBERNETES / "base").glob("*.yaml") if path.stem not in NO_OBJECTS]
    return [one for path in files for one in yaml.safe_load_all(path.read_text())]


NO_OBJECTS = ("kustomization", "contained")


def of_kind(found: list[Object], *kinds: str) -> dict[str, Object]:
    """Returns the objects of these kinds by name."""
    return {one["metadata"]["name"]: one for one in found if one["kind"] in kinds}


def pod_of(workload: Object) -> Object:
    spec: Object = workload["spec"]["template"]["spec"]
    return spec


def container_of(workload: Object) -> Object:
    """Returns the only container of a workload's pod."""
    (container,) = pod_of(workload)["containers"]
    found: Object = container
    return found


def labels_of(workload: Object) -> dict[str, str]:
    found: dict[str, str] = workload["spec"]["template"]["metadata"]["labels"]
    return found


def selects(selector: Object, labels: dict[str, str]) -> bool:
    """True if a selector matches these labels."""
    expressions = selector.get("matchExpressions", [])
    assert all(one["operator"] == "In" for one in expressions)
    by_name = selector.get("matchLabels", {}).items() <= labels.items()
    return by_name and all(labels.get(one["key"]) in one["values"] for one in expressions)
