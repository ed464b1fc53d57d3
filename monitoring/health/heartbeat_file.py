"""The file by which a relay, worker or beat shows that its main loop runs (HEARTBEAT_PATH).

`deploy/health.py` looks at its age. The metrics port would answer from a thread of its own, also
after the loop has ended or while it hangs.
"""

from __future__ import annotations

from django.conf import settings

TOUCH_SECONDS = 2.0


def touch() -> None:
    """Renew the time of the file; does nothing without HEARTBEAT_PATH."""
    if settings.HEARTBEAT_PATH is not None:
        settings.HEARTBEAT_PATH.touch()


def remove() -> None:
    """Delete the file, as a process does that ends."""
    if settings.HEARTBEAT_PATH is not None:
        settings.HEARTBEAT_PATH.unlink(missing_ok=True)
