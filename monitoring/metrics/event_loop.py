"""Measures the lag of the event loop: code that blocks the loop delays every socket."""

from __future__ import annotations

import asyncio

from monitoring.metrics.metrics import EVENT_LOOP_LAG_SECONDS

EVERY_SECONDS = 0.25


async def watch_lag() -> None:
    """Sleeps repeatedly and observes how late each wake-up is. Never returns."""
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + EVERY_SECONDS
        await asyncio.sleep(EVERY_SECONDS)
        EVENT_LOOP_LAG_SECONDS.observe(max(loop.time() - due, 0.0))
