"""Calls after a commit whose failure is logged and does not reach the caller.

For hints and clean-up that something else does again: messages to workers, counters, files.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, update_wrapper
from typing import Any

from django.db import transaction


def call_after_commit(function: Callable[..., Any], *args: Any) -> None:
    """Call the function once the transaction is committed; at once if there is none."""
    # Django logs a failure under the __qualname__ of the callback, which a partial lacks: without
    # it the failure would be raised as an AttributeError, after the commit.
    call = update_wrapper(partial(function, *args), function)
    transaction.on_commit(call, robust=True)
