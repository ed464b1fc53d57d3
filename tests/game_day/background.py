"""Work that goes on while a fault lasts, or during the whole game day."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event

Work = Callable[[Event], None]


@contextmanager
def running(*works: Work) -> Iterator[None]:
    """Run each function in a thread of its own; its event is set at the end of the block.

    Raises what one of them raised, so that a fault that was not caused is noticed.
    """
    is_over = Event()
    with ThreadPoolExecutor(len(works)) as pool:
        futures = [pool.submit(work, is_over) for work in works]
        try:
            yield
        finally:
            is_over.set()
    for future in futures:
        future.result()
