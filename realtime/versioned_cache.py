"""What many read and few change, remembered in Redis until it changes.

OPENINGS = Memory("openings")
OPENINGS.forget_when_changed(Campaign, Job)
OPENINGS.remembered("cities", read_cities)

A key holds a version that each committed change replaces: what was read before it is never found
again. Of many who miss the same at once, in whichever process, one reads; the others wait for him,
or take what has merely grown old. Without Redis everything is read anew each time.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from typing import Any, TypeVar

import redis
from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.db.models import Model
from django.db.models.signals import post_delete, post_save

from monitoring.bulk_signals import rows_changed, rows_created
from monitoring.metrics.metrics import CACHE_REQUESTS
from realtime.circuit_breaker import Breaker

T = TypeVar("T")
Kept = tuple[float, Any]  # until when it is fresh, in seconds of the epoch; and what was read
FRESH_SECONDS = 60  # how long a change goes unseen if Redis was away when it was made
OLD_SECONDS = 60  # for so long after that it is still taken, while somebody reads anew
READING_SECONDS = 10  # whoever has not come back by then is given up
PATIENCE_SECONDS = 3.0
LOOK_AGAIN_SECONDS = 0.02
REST_SECONDS = 5.0


class Memory:
    """One kind of thing that is remembered. name: the label `cache` of the metric."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.version_key = f"{name}:version"
        self._breaker = Breaker(REST_SECONDS)

    def forget_when_changed(self, *models: type[Model]) -> None:
        for signal in (post_save, post_delete, rows_created, rows_changed):
            for model in models:
                uid = f"{self.name}:{model.__name__}"
                signal.connect(self._changed, sender=model, dispatch_uid=uid)

    def _changed(self, sender: Any, **kwargs: Any) -> None:
        transaction.on_commit(self.forget)

    def forget(self) -> None:
        """Nothing that was remembered is found any more."""
        if settings.CACHE_PAGES:
            self._asked(lambda: cache.set(self.version_key, uuid.uuid4().hex, timeout=None))

    def remembered(self, name: str, read: Callable[[], T]) -> T:
        """What `read` answers, or has answered lately under this name.

        name: from a closed set, for each name costs memory.
        """
        if not settings.CACHE_PAGES:
            return read()
        version = self._asked(self._version)
        if not version:
            self._count("error")
            return read()
        found: T = self._found(f"{self.name}:{version}:{name}", read)
        return found

    def _found(self, key: str, read: Callable[[], Any]) -> Any:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not self._breaker.is_open and time.monotonic() < deadline:
            kept = self._kept(key)
            if kept is not None and _is_fresh(kept):
                return self._told("hit", kept)
            if self._asked(lambda: cache.add(f"{key}:reading", 1, READING_SECONDS)):
                return self._read_for_all(key, read)
            if kept is not None:
                return self._told("old", kept)
            time.sleep(LOOK_AGAIN_SECONDS)
        self._count("error" if self._breaker.is_open else "miss")
        return read()

    def _read_for_all(self, key: str, read: Callable[[], Any]) -> Any:
        """It is ours to read, unless somebody has just done so."""
        try:
            kept = self._kept(key)
            if kept is not None and _is_fresh(kept):
                return self._told("hit", kept)
            self._count("miss")
            found = read()
            anew = (time.time() + FRESH_SECONDS, found)
            self._asked(lambda: cache.set(key, anew, FRESH_SECONDS + OLD_SECONDS))
            return found
        finally:
            self._asked(lambda: cache.delete(f"{key}:reading"))

    def _told(self, outcome: str, kept: Kept) -> Any:
        self._count(outcome)
        return kept[1]

    def _kept(self, key: str) -> Kept | None:
        kept: Kept | None = self._asked(lambda: cache.get(key))
        return kept

    def _version(self) -> Any:
        return cache.get_or_set(self.version_key, lambda: uuid.uuid4().hex, timeout=None)

    def _count(self, outcome: str) -> None:
        CACHE_REQUESTS.labels(self.name, outcome).inc()

    def _asked(self, question: Callable[[], Any]) -> Any:
        """The cache's answer; None where there is no cache to ask."""
        if self._breaker.is_open:
            return None
        try:
            return question()
        except redis.RedisError:
            self._breaker.trip()
            return None


def _is_fresh(kept: Kept) -> bool:
    return time.time() < kept[0]
