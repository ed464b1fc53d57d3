"""Waits for a condition, never for a fixed time."""

import time
from collections.abc import Callable

TIMEOUT_SECONDS = 60  # generous, for a busy machine
PAUSE_SECONDS = 0.05


def until(holds: Callable[[], object]) -> None:
    """Blocks until `holds()` is true; fails the test if it never becomes true."""
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while not holds():
        assert time.monotonic() < deadline, "the condition never became true"
        time.sleep(PAUSE_SECONDS)
