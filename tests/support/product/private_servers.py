"""Servers that belong to one test, which may kill them without affecting others."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from project.embedded import database_url, redis_url, valkey
from project.embedded.locations import places
from project.embedded.sharing import SERVERS, embedded_servers

DIE_SECONDS = 30.0
VARIABLES = {"PostgreSQL": ("DATABASE_URL", database_url), "Valkey": ("REDIS_URL", redis_url)}


class PrivateServers:
    """Servers as durable as in production. `env` points a process of the product at them."""

    def __init__(self, data_dir: Path, names: tuple[str, ...]) -> None:
        self._at = places(data_dir)
        self.env = {VARIABLES[name][0]: VARIABLES[name][1](data_dir) for name in names}

    def kill(self, name: str) -> None:
        """Kills a server, and waits until all its children have ended too."""
        server = psutil.Process(self.pid_of(name))
        family = [server, *server.children(recursive=True)]
        os.kill(server.pid, signal.SIGKILL)
        deadline = time.monotonic() + DIE_SECONDS
        while any(is_alive(process) for process in family):
            assert time.monotonic() < deadline, f"{name} is still running"
            time.sleep(0.02)

    def start(self, name: str) -> None:
        SERVERS[name].start(self._at, durable=True)

    def pid_of(self, name: str) -> int:
        if name == "PostgreSQL":
            return int((self._at.postgresql / "postmaster.pid").read_text().split()[0])
        with valkey.client(self._at) as client:
            return int(client.info("server")["process_id"])


def is_alive(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@contextmanager
def private_servers(data_dir: Path, *names: str) -> Iterator[PrivateServers]:
    """Runs these servers ("PostgreSQL", "Valkey"); see the fixture `data_dir`."""
    with embedded_servers(data_dir, names=names, durable=True):
        yield PrivateServers(data_dir, names)
