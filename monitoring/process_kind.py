"""The kind of this process: it decides the database timeouts, and names its connections.

Each long-running command sets it when it starts; other commands are of the kind "command".
Connections for health checks and scrapes are of the kind "check" in every process.
"""

from __future__ import annotations

from typing import Literal

ProcessKind = Literal["web", "relay", "worker", "beat", "migrate", "command", "check"]

_kind: ProcessKind = "command"


def set_kind(kind: ProcessKind) -> None:
    """Set the kind of this process. Connections that are open already keep their timeouts."""
    global _kind
    _kind = kind


def current() -> ProcessKind:
    return _kind
