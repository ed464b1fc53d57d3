"""Frames sent by clients: strict parsing, and the error that answers an invalid frame."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from realtime.protocol.errors import BrokenProtocol
from realtime.protocol.server_frames import encode

MAX_DEPTH = 8  # valid frames have two levels
MAX_TEXT_LENGTH = 80


class ClientError(Exception):
    """An invalid frame. It is answered with an `error` frame; the socket stays open.

    code: `bad_json`, `unknown_type`, `bad_field` or `too_fast`.
    """

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code, self.detail = code, detail


@dataclass(frozen=True, slots=True)
class Hello:
    """The first frame. epoch and position: where to resume, or None for a snapshot."""

    epoch: str | None
    position: int | None
    ticket: str | None


@dataclass(frozen=True, slots=True)
class Ack:
    """The client has applied all changes up to `position`.

    shown_ms: milliseconds from commit to paint, as measured by the browser.
    """

    position: int
    shown_ms: float | None


@dataclass(frozen=True, slots=True)
class Watching:
    """The user has the row with this key open; None: no row."""

    key: str | None


@dataclass(frozen=True, slots=True)
class Ping:
    """A request for a `pong` with the same ref."""

    ref: Any


ClientFrame = Hello | Ack | Watching | Ping


def parse(text: str | None) -> ClientFrame:
    """Parse a frame. text: None for a binary frame.

    Raises BrokenProtocol for a binary frame, and ClientError (bad_json, unknown_type, bad_field)
    for any other invalid frame.
    """
    if text is None:
        raise BrokenProtocol("Frames must be text.")
    try:
        frame = json.loads(text, parse_constant=_finite, parse_float=_finite)
        encode(frame).encode()  # lone surrogates parse but cannot be sent on to other clients
    except (ValueError, RecursionError):
        raise ClientError("bad_json", "The frame is not valid JSON.") from None
    if _depth_exceeds(frame, MAX_DEPTH):
        raise ClientError("bad_json", f"The frame is nested deeper than {MAX_DEPTH} levels.")
    kind = frame.get("type") if isinstance(frame, dict) else None
    parser = PARSERS.get(kind) if isinstance(kind, str) else None
    if parser is None:
        raise ClientError("unknown_type", f"The type must be one of {', '.join(PARSERS)}.")
    return parser(frame)


def _finite(text: str) -> float:
    """Reject NaN, Infinity and 1e999: Python's parser accepts them, but JSON has none of them."""
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(text)
    return value


def _depth_exceeds(value: Any, limit: int) -> bool:
    children = value.values() if isinstance(value, dict) else value
    if not isinstance(value, dict | list):
        return False
    return limit == 0 or any(_depth_exceeds(child, limit - 1) for child in children)


def _parse_hello(frame: dict[str, Any]) -> Hello:
    return Hello(
        epoch=_text_field(frame, "epoch"),
        position=_integer_field(frame, "position"),
        ticket=_text_field(frame, "ticket"),
    )


def _parse_ack(frame: dict[str, Any]) -> Ack:
    position = _integer_field(frame, "position")
    if position is None:
        raise ClientError("bad_field", "position must be an integer of at least 0.")
    shown_ms = frame.get("shown_ms")
    if isinstance(shown_ms, bool) or not isinstance(shown_ms, int | float | None):
        raise ClientError("bad_field", "shown_ms must be a number.")
    return Ack(position, shown_ms)


def _parse_watching(frame: dict[str, Any]) -> Watching:
    return Watching(_text_field(frame, "key"))


def _parse_ping(frame: dict[str, Any]) -> Ping:
    return Ping(frame.get("ref"))


PARSERS: dict[str, Callable[[dict[str, Any]], ClientFrame]] = {
    "hello": _parse_hello,
    "ack": _parse_ack,
    "watching": _parse_watching,
    "ping": _parse_ping,
}


def _text_field(frame: dict[str, Any], name: str) -> str | None:
    value = frame.get(name)
    if value is None or (isinstance(value, str) and len(value) <= MAX_TEXT_LENGTH):
        return value
    raise ClientError(
        "bad_field", f"{name} must be a text of at most {MAX_TEXT_LENGTH} characters, or null."
    )


def _integer_field(frame: dict[str, Any], name: str) -> int | None:
    value = frame.get(name)
    if value is None or (isinstance(value, int) and not isinstance(value, bool) and value >= 0):
        return value
    raise ClientError("bad_field", f"{name} must be an integer of at least 0, or null.")
