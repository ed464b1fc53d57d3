"""Checks frames against deploy/docs/asyncapi.yaml: no undocumented frame or field may be sent."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import yaml
from django.conf import settings
from jsonschema import Draft7Validator
from jsonschema.exceptions import best_match
from referencing import Registry
from referencing.jsonschema import DRAFT7

PATH = settings.BASE_DIR / "deploy" / "docs" / "asyncapi.yaml"
DOCUMENT: dict[str, Any] = yaml.load(PATH.read_text(), Loader=yaml.CSafeLoader)
NAME = "urn:asyncapi"
REGISTRY: Registry[Any] = Registry().with_resource(NAME, DRAFT7.create_resource(DOCUMENT))

Seen = tuple[str, str]
seen: set[Seen] = set()
"""Pairs that this process has checked: (channel, frame type) and (channel, kind of row)."""


def check(path: str, frame: Mapping[str, Any]) -> None:
    """Asserts that the document describes this whole frame on the socket at this path."""
    channel, kind = channel_of(path), str(frame.get("type"))
    described = DOCUMENT["channels"][channel]["messages"]
    assert kind in described, f"asyncapi.yaml has no {kind} on {channel}"
    error = best_match(validator(channel, kind).iter_errors(frame))
    assert error is None, f"{kind} on {channel}: {error.json_path}: {error.message}"
    seen.add((channel, kind))
    seen.update((channel, row["kind"]) for row in rows_of(frame))


def rows_of(frame: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yields all rows that a frame carries."""
    yield from frame.get("rows", ())
    for item in (*frame.get("changes", ()), *frame.get("items", ())):
        if item["row"] is not None:
            yield item["row"]


@cache
def channel_of(path: str) -> str:
    """Returns the channel with this address."""
    path = path.partition("?")[0]
    for name, channel in DOCUMENT["channels"].items():
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", channel["address"]), path):
            return str(name)
    raise AssertionError(f"asyncapi.yaml has no channel at {path}")


@cache
def validator(channel: str, kind: str) -> Draft7Validator:
    message = DOCUMENT["channels"][channel]["messages"][kind]["$ref"]
    return Draft7Validator({"$ref": f"{NAME}{message}/payload"}, registry=REGISTRY)
