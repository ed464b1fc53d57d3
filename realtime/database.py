"""Running database work from async code, on a thread pool of its own.

`asgiref` would run every query of a process on one shared thread, so that rendering a board would
wait behind sign-ins.
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


async def run_in_db_thread(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call a function that queries the database, and return or raise what it does.

    Afterwards the thread's database connection goes back to the pool.
    """
    queued_at = perf_counter()

    def work() -> T:
        DATABASE_WAIT_SECONDS.observe(perf_counter() - queued_at)
        try:
            return function(*args, **kwargs)
        finally:
            connections.close_all()

    return await asyncio.get_running_loop().run_in_executor(_threads, work)
