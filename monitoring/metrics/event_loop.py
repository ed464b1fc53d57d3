"""How late the event loop is: whatever keeps it from its turn keeps every socket waiting."""

from __future__ import annotations

import asyncio

from monitoring.metrics.metrics import EVENT_LOOP_LAG_SECONDS

EVERY_SECONDS = 0.25


async def watch_lag() -> None:
    """Sleep again and again, and count how much longer it took than asked for; for ever."""
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + EVERY_SECONDS
        await asyncio.sleep(EVERY_SECONDS)
        EVENT_LOOP_LAG_SECONDS.observe(max(loop.time() - due, 0.0))
