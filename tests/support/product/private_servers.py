"""Servers that belong to one test, which may kill them without affecting others."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from django.db import connection

from project.embedded import database_url, redis_url, valkey
from project.embedded.locations import DATABASE_NAME, places
from project.embedded.sharing import SERVERS, embedded_servers
from tests.support.product.migrated_database import run
from tests.support.product.servers import SESSION_VARIABLE

DIE_SECONDS = 30.0
VARIABLES = {"PostgreSQL": ("DATABASE_URL", database_url), "Valkey": ("REDIS_URL", redis_url)}


class PrivateServers:
    """Servers as durable as in production. `env` points a process of the product at them."""

    def __init__(self, data_dir: Path, names: tuple[str, ...]) -> None:
        self._at = places(data_dir)
        self.env = {VARIABLES[name][0]: VARIABLES[name][1](data_dir) for name in names}
        self._paused: dict[str, list[psutil.Process]] = {}

    def copy_database(self) -> None:
        """Copies the database of the test, with what it has committed so far."""
        source = places(Path(os.environ[SESSION_VARIABLE]))
        dump = self._at.home / "copy.sql"
        name = connection.settings_dict["NAME"]
        run(source, "pg_dump", "--no-owner", "-f", str(dump), name)
        run(self._at, "psql", "-q", "-v", "ON_ERROR_STOP=1", "-f", str(dump), DATABASE_NAME)

    def kill(self, name: str) -> None:
        """Kills a server, and waits until all its children have ended too."""
        family = self._family(name)
        os.kill(family[0].pid, signal.SIGKILL)
        deadline = time.monotonic() + DIE_SECONDS
        while any(is_alive(process) for process in family):
            assert time.monotonic() < deadline, f"{name} is still running"
            time.sleep(0.02)

    def pause(self, name: str) -> None:
        """Stops a server and its children with SIGSTOP: it accepts connections and never answers.

        From the server down, so that no child is created meanwhile.
        """
        self._paused[name] = self._family(name)
        for process in self._paused[name]:
            process.suspend()

    def resume(self, name: str) -> None:
        for process in reversed(self._paused.pop(name, [])):
            process.resume()

    def start(self, name: str) -> None:
        SERVERS[name].start(self._at, durable=True)

    def _family(self, name: str) -> list[psutil.Process]:
        server = psutil.Process(self.pid_of(name))
        return [server, *server.children(recursive=True)]

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
        servers = PrivateServers(data_dir, names)
        try:
            yield servers
        finally:
            for name in names:
                servers.resume(name)  # a paused one could not be stopped
