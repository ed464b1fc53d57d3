"""Finds Debian programs, and runs them for the length of a test."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryFile

import httpx
import pytest

from project.running.supervisor import die_with_parent
from tests.support.wait import until

DEPLOY = Path(__file__).resolve().parents[3] / "deploy"
STOP_SECONDS = 30
PACKAGES = {  # the Debian package of each program
    "prometheus": "prometheus",
    "promtool": "prometheus",
    "prometheus-alertmanager": "prometheus-alertmanager",
    "amtool": "prometheus-alertmanager",
    "prometheus-postgres-exporter": "prometheus-postgres-exporter",
    "prometheus-redis-exporter": "prometheus-redis-exporter",
    "prometheus-node-exporter": "prometheus-node-exporter",
    "prometheus-blackbox-exporter": "prometheus-blackbox-exporter",
    "nginx": "nginx-light",
    "openssl": "openssl",
    "pgbouncer": "pgbouncer",
    "age": "age",
    "age-keygen": "age",
    "gpg": "gnupg",
    "esbuild": "esbuild",
}


def path_of(name: str) -> str | None:
    """Returns the path of a program, or None. Debian keeps servers out of an ordinary PATH."""
    return shutil.which(name) or shutil.which(name, path=f"/usr/sbin{os.pathsep}/sbin")


def installed(name: str) -> str:
    """Returns the path of a program; skips the test where it is missing."""
    found = path_of(name)
    if found is None:
        pytest.skip(f"{name} is missing: apt-get install {PACKAGES[name]}")
    return found


def run(name: str, *arguments: str | Path) -> str:
    """Runs a program and returns its output; fails the test with that output if it fails."""
    done = subprocess.run(
        [installed(name), *arguments], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@contextmanager
def serving(name: str, *arguments: str | Path, ready: str | Callable[[], bool]) -> Iterator[None]:
    """Runs a server until the end of the block; yields when it is ready.

    ready: the address that answers by then, or a function that checks.
    """
    is_ready = ready if callable(ready) else partial(answers, ready)
    with TemporaryFile("w+") as output:
        process = subprocess.Popen(
            [installed(name), *arguments],
            stdout=output,
            stderr=subprocess.STDOUT,
            preexec_fn=partial(die_with_parent, signal.SIGTERM),
        )
        try:
            until(lambda: is_ready() or process.poll() is not None)
            assert process.poll() is None, f"{name} ended at once"
            yield
        finally:
            process.terminate()
            process.wait(STOP_SECONDS)
            output.seek(0)
            print(f"--- {name}\n{output.read()}")  # noqa: T201 pytest shows it on failure


def answers(address: str) -> bool:
    try:
        return httpx.get(address, timeout=2).is_success
    except httpx.TransportError:
        return False


def listens(port: int) -> bool:
    """True if a server accepts connections on this local port."""
    with socket.socket() as caller:
        return caller.connect_ex(("127.0.0.1", port)) == 0


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        found: int = listener.getsockname()[1]
        return found
