"""What visitors read of openings, remembered for a minute, or until an opening changes.

A key holds a version that each committed change replaces: what was read before it is never found
again. Without Redis everything is read from the database, as if nothing were remembered.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any, TypeVar

import redis
from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.db.models.signals import post_delete, post_save

from jobs.models import Campaign, Job
from monitoring.bulk import rows_changed, rows_created
from monitoring.metrics import CACHE_REQUESTS
from realtime.breaker import Breaker

T = TypeVar("T")
VERSION_KEY = "openings:version"
KEPT_SECONDS = 60  # how long a change goes unseen if Redis was away when it was made
REST_SECONDS = 5.0
_breaker = Breaker(REST_SECONDS)


def connect() -> None:
    for signal in (post_save, post_delete, rows_created, rows_changed):
        for model in (Campaign, Job):
            signal.connect(_changed, sender=model, dispatch_uid=f"openings:{model.__name__}")


def _changed(sender: Any, **kwargs: Any) -> None:
    transaction.on_commit(forget)


def forget() -> None:
    """Nothing that was remembered is found any more."""
    if settings.CACHE_PAGES:
        _asked(lambda: cache.set(VERSION_KEY, uuid.uuid4().hex, timeout=None))


def remembered(name: str, read: Callable[[], T]) -> T:
    """What `read` answers, or has answered lately under this name; None is not remembered.

    name: from a closed set, for each name costs memory.
    """
    if not settings.CACHE_PAGES:
        return read()
    version = _asked(_version)
    if not version:
        _count(is_known=False)
        return read()
    key = f"openings:{version}:{name}"
    found: T | None = _asked(lambda: cache.get(key))
    _count(is_known=found is not None)
    if found is None:
        found = read()
        _asked(lambda: cache.set(key, found, KEPT_SECONDS))
    return found


def _count(*, is_known: bool) -> None:
    unknown = "error" if _breaker.is_open else "miss"
    CACHE_REQUESTS.labels("openings", "hit" if is_known else unknown).inc()


def _version() -> Any:
    return cache.get_or_set(VERSION_KEY, lambda: uuid.uuid4().hex, timeout=None)


def _asked(question: Callable[[], Any]) -> Any:
    """The cache's answer; None where there is no cache to ask."""
    if _breaker.is_open:
        return None
    try:
        return question()
    except redis.RedisError:
        _breaker.trip()
        return None
