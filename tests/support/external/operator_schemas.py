"""Validates objects of the Prometheus Operator by its schemas (deploy/kubernetes/schemas)."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import jsonschema

from tests.support.external.kubernetes import KUBERNETES, Object

SCHEMAS = KUBERNETES / "schemas" / "prometheus-operator"
VERSIONS = {"AlertmanagerConfig": "v1alpha1", "ScrapeConfig": "v1alpha1"}  # others: v1


def validate(one: Object) -> None:
    """Raises ValidationError for an unknown or missing field, or a value of the wrong type.

    The schema leaves nested routes open, because it cannot refer to itself; they are routes too.
    """
    version = VERSIONS.get(one["kind"], "v1")
    assert one["apiVersion"] == f"monitoring.coreos.com/{version}"
    _validate(one, one["kind"])
    if one["kind"] == "AlertmanagerConfig":
        for route in _nested(one["spec"]["route"]):
            _validate(route, one["kind"], "Route")


def _validate(value: Any, kind: str, part: str = "") -> None:
    schema = _schema(kind)
    if part:
        schema = schema["$defs"][part] | {"$defs": schema["$defs"]}
    jsonschema.Draft202012Validator(schema).validate(value)


def _nested(route: Object) -> list[Object]:
    return [one for inner in route.get("routes", []) for one in (inner, *_nested(inner))]


@cache
def _schema(kind: str) -> Any:
    return json.loads((SCHEMAS / f"{kind}.json").read_text())
