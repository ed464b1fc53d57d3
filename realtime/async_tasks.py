"""Asyncio loops that run until the process stops: restarted after an error, cancelled at the end.

Used by the hub of a web process and by the relay.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable

import psycopg
from django.db import OperationalError
from redis.exceptions import RedisError

from monitoring.sentry import reporting

logger = logging.getLogger(__name__)

CANCEL_AGAIN_SECONDS = 0.5
RETRY_SECONDS = 1.0
CONNECTION_LOST = (OSError, psycopg.OperationalError, OperationalError, RedisError)


async def run_forever(loop: Callable[[], Awaitable[None]], *, process: str) -> None:
    """Run the loop, and run it again one second after it ends or raises.

    process: `hub` or `relay`, for log lines and error reports. A lost server is a warning; any
    other exception is logged with its traceback. No change is lost: the log is in the database.
    """
    while True:
        with reporting.isolated_scope(loop=process):
            try:
                await loop()
            except CONNECTION_LOST as error:
                logger.warning(
                    "The %s lost its connection to a server (%s)",
                    process,
                    type(error).__name__,
                    extra={"action": f"{process}_lost_a_server"},
                )
            except Exception:
                logger.exception(
                    "A loop of the %s failed; it starts again",
                    process,
                    extra={"action": f"{process}_loop_failed"},
                )
        await asyncio.sleep(RETRY_SECONDS)


async def cancel_all(tasks: Iterable[asyncio.Task[None]]) -> None:
    """Cancel these tasks and wait until all have ended.

    Cancels again every half second, because a library that is just connecting may swallow a
    cancellation.
    """
    running = set(tasks)
    while running:
        for task in running:
            task.cancel()
        _done, running = await asyncio.wait(running, timeout=CANCEL_AGAIN_SECONDS)
