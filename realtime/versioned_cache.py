"""Cache for results that are read often and change seldom, invalidated by model changes.

    OPENINGS = VersionedCache("openings")
    OPENINGS.invalidate_on_change(Campaign, Job)
    OPENINGS.get_or_compute("cities", read_cities)

Every key contains a version, which each committed change of a watched model replaces, so that a
value computed before the change is never returned after it. On a miss one caller, in whichever
process, computes the value (no stampede); the others wait for it, or get the stale value if there
is one. Without Redis every call computes the value.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import redis
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import FieldDoesNotExist
from django.core.serializers.base import DeserializationError
from django.db import transaction
from django.db.models import Model
from django.db.models.signals import post_delete, post_save

from monitoring.bulk_signals import rows_changed, rows_created
from monitoring.metrics.metrics import CACHE_REQUESTS
from realtime.circuit_breaker import CircuitBreaker

T = TypeVar("T")
Entry = tuple[float, Any]  # fresh until, in seconds since the epoch; and the value
FRESH_SECONDS = 60  # a change made while Redis was away shows up after this time at the latest
STALE_SECONDS = 60  # after that, a stale value may still be served while one caller recomputes it
LOCK_SECONDS = 10  # a caller that has not finished by then no longer keeps others from computing
WAIT_SECONDS = 3.0  # for another caller's value, before computing it here
POLL_SECONDS = 0.02
UNREADABLE = (
    *(ValueError, TypeError, LookupError, AttributeError),
    *(FieldDoesNotExist, DeserializationError),
)
COOLDOWN_SECONDS = 5.0
OUTCOMES = ("hit", "old", "miss", "error")


@dataclass(frozen=True, slots=True)
class Codec:
    """Turns values into what JSON can hold, and back. The default is for values that JSON can hold.

    load: raises one of UNREADABLE for what `dump` did not write; the value is then computed.
    """

    dump: Callable[[Any], Any] = lambda value: value
    load: Callable[[Any], Any] = lambda value: value


PLAIN = Codec()


class VersionedCache:
    """A group of cached values that are invalidated together.

    name: the value of the label `cache` in the metric of cache requests.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.version_key = f"{name}:version"
        self._breaker = CircuitBreaker(COOLDOWN_SECONDS)
        self._reads = {outcome: CACHE_REQUESTS.labels(name, outcome) for outcome in OUTCOMES}

    def invalidate_on_change(self, *models: type[Model]) -> None:
        """Invalidate all values whenever a change to one of these models is committed."""
        for signal in (post_save, post_delete, rows_created, rows_changed):
            for model in models:
                uid = f"{self.name}:{model.__name__}"
                signal.connect(self._rows_changed, sender=model, dispatch_uid=uid)

    def _rows_changed(self, sender: Any, **kwargs: Any) -> None:
        transaction.on_commit(self.invalidate)

    def invalidate(self) -> None:
        """Replace the version, so that no value stored so far is found again."""
        if settings.CACHE_PAGES:
            self._call(lambda: cache.set(self.version_key, uuid.uuid4().hex, timeout=None))

    def get_or_compute(self, name: str, compute: Callable[[], T], codec: Codec = PLAIN) -> T:
        """The value cached under this name, or else what `compute` returns.

        name: must come from a bounded set, because every name takes memory in Redis.
        """
        if not settings.CACHE_PAGES:
            return compute()
        version = self._call(self._version)
        if not version:
            self._count("error")
            return compute()
        value: T = self._get_or_wait(f"{self.name}:{version}:{name}", compute, codec)
        return value

    def _get_or_wait(self, key: str, compute: Callable[[], Any], codec: Codec) -> Any:
        deadline = time.monotonic() + WAIT_SECONDS
        while not self._breaker.is_open and time.monotonic() < deadline:
            entry = self._entry(key, codec)
            if entry is not None and _is_fresh(entry):
                return self._counted("hit", entry)
            if self._call(lambda: cache.add(f"{key}:reading", 1, LOCK_SECONDS)):
                return self._compute_and_store(key, compute, codec)
            if entry is not None:
                return self._counted("old", entry)
            time.sleep(POLL_SECONDS)
        self._count("error" if self._breaker.is_open else "miss")
        return compute()

    def _compute_and_store(self, key: str, compute: Callable[[], Any], codec: Codec) -> Any:
        """Called with the lock held. Another caller may have stored the value just before."""
        try:
            entry = self._entry(key, codec)
            if entry is not None and _is_fresh(entry):
                return self._counted("hit", entry)
            self._count("miss")
            value = compute()
            new = (time.time() + FRESH_SECONDS, codec.dump(value))
            self._call(lambda: cache.set(key, new, FRESH_SECONDS + STALE_SECONDS))
            return value
        finally:
            self._call(lambda: cache.delete(f"{key}:reading"))

    def _counted(self, outcome: str, entry: Entry) -> Any:
        self._count(outcome)
        return entry[1]

    def _entry(self, key: str, codec: Codec) -> Entry | None:
        """The entry; None if there is none, or if it is not what `dump` writes."""
        found = self._call(lambda: cache.get(key))
        try:
            return None if found is None else (float(found[0]), codec.load(found[1]))
        except UNREADABLE:
            return None

    def _version(self) -> str:
        """The version of all values; a new one if there is none, or if others wrote nonsense."""
        found = cache.get_or_set(self.version_key, lambda: uuid.uuid4().hex, timeout=None)
        if isinstance(found, str) and found.isalnum():
            return found
        version = uuid.uuid4().hex
        cache.set(self.version_key, version, timeout=None)
        return version

    def _count(self, outcome: str) -> None:
        self._reads[outcome].inc()

    def _call(self, operation: Callable[[], Any]) -> Any:
        """The result of a cache operation; None if Redis is away."""
        if self._breaker.is_open:
            return None
        try:
            return operation()
        except redis.RedisError:
            self._breaker.trip()
            return None


def _is_fresh(entry: Entry) -> bool:
    return time.time() < entry[0]
