"""Frames from clients: read strictly, refused in words."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from realtime.protocol.errors import BrokenProtocol
from realtime.protocol.server_frames import encode

MAX_DEPTH = 8  # our frames are two deep
MAX_KEY_LENGTH = 80


class Mistake(Exception):
    """A frame that is refused, while the socket lives on."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code, self.detail = code, detail


@dataclass(frozen=True, slots=True)
class Hello:
    """Where the client stands; both None for nowhere."""

    epoch: str | None
    position: int | None
    ticket: str | None


@dataclass(frozen=True, slots=True)
class Ack:
    """Applied up to here; shown_ms: commit to paint, as the browser saw it."""

    position: int
    shown_ms: float | None


@dataclass(frozen=True, slots=True)
class Watching:
    """What this person has open."""

    key: str | None


@dataclass(frozen=True, slots=True)
class Ping:
    """Answered with the same ref."""

    ref: Any


Inbound = Hello | Ack | Watching | Ping


def read(text: str | None) -> Inbound:
    """The frame in this text.

    Raises BrokenProtocol for binary data, Mistake (bad_json, unknown_type, bad_field) otherwise.
    """
    if text is None:
        raise BrokenProtocol("Frames are text.")
    try:
        frame = json.loads(text, parse_constant=_finite, parse_float=_finite)
        encode(frame).encode()  # what cannot be written again must not be handed on to others
    except (ValueError, RecursionError):
        raise Mistake("bad_json", "This is not JSON.") from None
    if _depth_exceeds(frame, MAX_DEPTH):
        raise Mistake("bad_json", f"Nothing is nested deeper than {MAX_DEPTH}.")
    kind = frame.get("type") if isinstance(frame, dict) else None
    reader = READERS.get(kind) if isinstance(kind, str) else None
    if reader is None:
        raise Mistake("unknown_type", f"The type must be one of {', '.join(READERS)}.")
    return reader(frame)


def _finite(text: str) -> float:
    """Python reads NaN, Infinity and 1e999; JSON has none of them, and no answer may hold one."""
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(text)
    return value


def _depth_exceeds(value: Any, limit: int) -> bool:
    children = value.values() if isinstance(value, dict) else value
    if not isinstance(value, dict | list):
        return False
    return limit == 0 or any(_depth_exceeds(child, limit - 1) for child in children)


def _hello(frame: dict[str, Any]) -> Hello:
    return Hello(
        epoch=_text(frame, "epoch"),
        position=_number(frame, "position"),
        ticket=_text(frame, "ticket"),
    )


def _ack(frame: dict[str, Any]) -> Ack:
    position = _number(frame, "position")
    if position is None:
        raise Mistake("bad_field", "position must be a whole number from 0.")
    shown_ms = frame.get("shown_ms")
    if isinstance(shown_ms, bool) or not isinstance(shown_ms, int | float | None):
        raise Mistake("bad_field", "shown_ms must be a number.")
    return Ack(position, shown_ms)


def _watching(frame: dict[str, Any]) -> Watching:
    return Watching(_text(frame, "key"))


def _ping(frame: dict[str, Any]) -> Ping:
    return Ping(frame.get("ref"))


READERS: dict[str, Callable[[dict[str, Any]], Inbound]] = {
    "hello": _hello,
    "ack": _ack,
    "watching": _watching,
    "ping": _ping,
}


def _text(frame: dict[str, Any], name: str) -> str | None:
    value = frame.get(name)
    if value is None or (isinstance(value, str) and len(value) <= MAX_KEY_LENGTH):
        return value
    raise Mistake("bad_field", f"{name} must be a short text, or null.")


def _number(frame: dict[str, Any], name: str) -> int | None:
    value = frame.get(name)
    if value is None or (isinstance(value, int) and not isinstance(value, bool) and value >= 0):
        return value
    raise Mistake("bad_field", f"{name} must be a whole number from 0, or null.")
