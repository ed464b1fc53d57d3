"""Programs of Debian that watch over the product: where they are, and running them for a test."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryFile

import httpx
import pytest

from project.running.runner import die_with_parent
from tests.support.bad_days import until

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
STOP_SECONDS = 30
MISSING = (
    "Prometheus or Alertmanager is missing: install Debian's prometheus, prometheus-alertmanager"
)


def installed(name: str) -> str:
    """Where the program is; without it the test is skipped, all such with the same line."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(MISSING)
    return found


def run(name: str, *arguments: str | Path) -> str:
    """What it says. Fails the test, with its words, when it fails."""
    done = subprocess.run(
        [installed(name), *arguments], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@contextmanager
def serving(name: str, *arguments: str | Path, ready: str) -> Iterator[None]:
    """A server of this name, from when this address answers until the end of the block."""
    with TemporaryFile("w+") as said:
        process = subprocess.Popen(
            [installed(name), *arguments],
            stdout=said,
            stderr=subprocess.STDOUT,
            preexec_fn=partial(die_with_parent, signal.SIGTERM),
        )
        try:
            until(lambda: answers(ready) or process.poll() is not None)
            assert process.poll() is None, f"{name} ended at once"
            yield
        finally:
            process.terminate()
            process.wait(STOP_SECONDS)
            said.seek(0)
            print(f"--- {name}\n{said.read()}")  # noqa: T201 pytest shows it on failure


def answers(address: str) -> bool:
    try:
        return httpx.get(address, timeout=2).is_success
    except httpx.TransportError:
        return False


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        found: int = listener.getsockname()[1]
        return found
