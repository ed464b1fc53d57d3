"""Waiting for an answer, never for a time."""

import time
from collections.abc import Callable

PATIENCE_SECONDS = 60  # of a busy machine
PAUSE_SECONDS = 0.05


def until(holds: Callable[[], object]) -> None:
    """Blocks until `holds()` is true; fails the test if it never becomes true."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline, "it never came about"
        time.sleep(PAUSE_SECONDS)
