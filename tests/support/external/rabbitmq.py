"""Runs a RabbitMQ that belongs to the test, where one is installed, on free ports."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.product.processes import Running

SERVER = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")  # Debian's wrapper changes the account
MISSING = "RabbitMQ is not installed: apt-get install rabbitmq-server"


@contextmanager
def rabbitmq() -> Iterator[str]:
    """Yields the address of a broker that is ready; skips the test if RabbitMQ is not installed."""
    if not SERVER.exists():
        pytest.skip(MISSING)
    home = Path(tempfile.mkdtemp(prefix="recruit-rabbitmq-"))
    port, distribution, names = free_ports(3)
    env = {
        "HOME": str(home),  # holds the cluster's cookie
        "RABBITMQ_NODENAME": "recruit@localhost",
        "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
        "RABBITMQ_NODE_PORT": str(port),
        "RABBITMQ_DIST_PORT": str(distribution),
        "RABBITMQ_MNESIA_BASE": str(home),
        "RABBITMQ_LOG_BASE": str(home),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(home / "plugins"),
        "RABBITMQ_CONF_ENV_FILE": os.devnull,
        "ERL_EPMD_PORT": str(names),
        "ERL_EPMD_ADDRESS": "127.0.0.1",
    }
    server = Running("rabbitmq", [str(SERVER)], env)
    try:
        server.wait_for("completed with")
        yield f"amqp://guest:guest@127.0.0.1:{port}//"
    finally:
        server.kill()
        # Erlang's name server is a daemon and outlives the node that started it.
        subprocess.run(["epmd", "-kill"], env=os.environ | env, check=False, capture_output=True)
        shutil.rmtree(home, ignore_errors=True)


def free_ports(number: int) -> list[int]:
    """Returns ports that no server uses."""
    sockets = [socket.socket() for _ in range(number)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()
