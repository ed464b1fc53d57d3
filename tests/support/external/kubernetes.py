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
    return list(yaml.load_all(_rendered(overlay), _Loader))


class _Loader(yaml.SafeLoader):
    """Reads a lone `=` as a text, as Kubernetes does; kustomize writes it without quotes."""


_Loader.add_constructor("tag:yaml.org,2002:value", _Loader.construct_yaml_str)


def part_of(overlay: str, name: str) -> list[Object]:
    """Returns the objects of an overlay that belong to the product or to its monitoring."""
    label = "app.kubernetes.io/part-of"
    return [one for one in objects(overlay) if one["metadata"]["labels"][label] == name]


def unrendered_objects() -> list[Object]:
    """Returns all objects in the files of base and monitoring, before kustomize renders them."""
    directories = (KUBERNETES / "base", KUBERNETES / "monitoring")
    paths = [path for directory in directories for path in sorted(directory.glob("*.yaml"))]
    files = [path for path in paths if path.stem not in NO_OBJECTS]
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
