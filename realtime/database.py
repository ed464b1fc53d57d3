"""Database work from the event loop, on threads of its own.

Channels would run every query of a process on one shared thread; rendering must not wait behind
sign-ins.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter
from typing import ParamSpec, TypeVar

from django.db import connections

from monitoring.metrics.metrics import DATABASE_WAIT_SECONDS

P = ParamSpec("P")
T = TypeVar("T")

_threads = ThreadPoolExecutor(max_workers=3, thread_name_prefix="realtime-database")


async def in_database(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a function that queries, and give its connection back to the pool."""
    asked_at = perf_counter()

    def work() -> T:
        DATABASE_WAIT_SECONDS.observe(perf_counter() - asked_at)
        try:
            return function(*args, **kwargs)
        finally:
            connections.close_all()

    return await asyncio.get_running_loop().run_in_executor(_threads, work)
