"""Writes configuration.md from the code that reads the settings:
`python -m deploy.docs.configuration`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from project.environment.messages import ForMessages
from project.environment.operations import ForOperations
from project.environment.reader import Environment
from project.environment.security import ForDefence
from project.environment.uploads import ForVisitors

DOCUMENT = Path(__file__).with_suffix(".md")
OPENING = """# Settings

Every variable of the environment that the product reads, written from the code that reads them
(`python -m deploy.docs.configuration`). An empty value is no value. A wrong one stops the start
with one sentence that names the variable. Instead of any `NAME`, `NAME_FILE` may name a file that
holds its value, as secrets of containers do. With `DEBUG=no` the start is refused unless
`SECRET_KEY`, `ALLOWED_HOSTS` and `TRUSTED_ORIGINS` are your own.
[env.example](../env.example) lists them with more words, to be copied.
"""
PARTS: tuple[tuple[str, type[BaseModel]], ...] = (
    ("What the product needs", Environment),
    ("Messages", ForMessages),
    ("Visitors and their files", ForVisitors),
    ("Who asks, and how often", ForDefence),
    ("What operations look after", ForOperations),
)
BOUNDS = {"ge": "at least", "gt": "more than", "le": "at most", "lt": "less than"}
LENGTHS = {"min_length": "at least", "max_length": "at most"}


def document() -> str:
    """All of it, as Markdown."""
    lines = [OPENING]
    for title, model in PARTS:
        own = [name for name in model.model_fields if name in model.__annotations__]
        lines += [f"## {title}", "", "| variable | value | default | means |", "|---|---|---|---|"]
        lines += [_line(name, model.model_fields[name]) for name in own]
        lines.append("")
    return "\n".join(lines)


def _line(name: str, field: FieldInfo) -> str:
    cells = (f"`{name.upper()}`", _value(field), _default(field), str(field.description))
    return f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |"


def _value(field: FieldInfo) -> str:
    limits = ", ".join(_limits(field))
    return f"{_kind(field.annotation)}{', ' if limits else ''}{limits}"


def _kind(annotation: object) -> str:
    choices = [arm for arm in get_args(annotation) if arm is not type(None)]
    if get_origin(annotation) is Literal:
        return " or ".join(f"`{choice}`" for choice in choices)
    if type(None) in get_args(annotation):
        return _kind(choices[0])
    names = {bool: "`yes` or `no`", int: "whole number", float: "number", Path: "path"}
    return next((words for kind, words in names.items() if annotation is kind), "text")


def _limits(field: FieldInfo) -> Iterator[str]:
    for rule in field.metadata:
        for name, words in BOUNDS.items():
            if (bound := getattr(rule, name, None)) is not None:
                yield f"{words} {bound}"
        for name, words in LENGTHS.items():
            if (bound := getattr(rule, name, None)) is not None:
                yield f"{words} {bound} characters"


def _default(field: FieldInfo) -> str:
    value = field.default
    if isinstance(value, bool):
        return "`yes`" if value else "`no`"
    if isinstance(value, list):
        value = ",".join(value)
    if isinstance(value, dict):
        value = ",".join(f"{name}={one}" for name, one in value.items())
    return f"`{value}`" if value not in ("", None, {}) else "–"


if __name__ == "__main__":
    DOCUMENT.write_text(document())
