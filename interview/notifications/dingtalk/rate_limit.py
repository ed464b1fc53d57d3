"""Rate limit of each robot, and the lock that lets one worker send for it, both shared in Redis.

DingTalk accepts 20 messages per minute and then refuses for ten minutes. Without Redis the number
of messages sent is unknown, so nothing is sent.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import cache
from zlib import crc32

import redis
from django.conf import settings
from limits import RateLimitItemPerMinute
from limits.errors import StorageError
from limits.storage import RedisStorage
from limits.strategies import MovingWindowRateLimiter
from redis.exceptions import LockError, RedisError
from redis.lock import Lock

LIMIT = RateLimitItemPerMinute(18, namespace="dingtalk")  # two less than DingTalk's, for clock skew
LOCK_SECONDS = 30  # until a lock that is not renewed expires; one request takes about ten
PEAK_MINUTES = (0, 30)  # when robots all over DingTalk send
SPREAD_SECONDS = 20


class LimitUnknown(Exception):
    """Redis does not respond, so the remaining limit is unknown."""


class LockTaken(Exception):
    """Another worker sends for this robot."""


class SendLock:
    """The right to send for one robot, until it is released or expires."""

    def __init__(self, lock: Lock) -> None:
        self._lock = lock

    def renew(self) -> None:
        """Extend the lock by LOCK_SECONDS. Raises LockTaken if it has expired, or LimitUnknown."""
        with _redis_errors():
            try:
                self._lock.reacquire()
            except LockError:
                raise LockTaken from None


@contextmanager
def send_lock(robot: str) -> Iterator[SendLock]:
    """Hold the lock of the robot with this name. Raises LockTaken or LimitUnknown."""
    lock = _redis().lock(
        f"recruit:dingtalk:turn:{robot}", timeout=LOCK_SECONDS, blocking=False, thread_local=False
    )
    with _redis_errors():
        if not lock.acquire():
            raise LockTaken
    try:
        yield SendLock(lock)
    finally:
        with suppress(RedisError):  # the lock expires by itself
            lock.release()


def remaining(robot: str) -> int:
    """Number of messages that the robot may still send now. Raises LimitUnknown."""
    with _redis_errors():
        return int(_limiter().get_window_stats(LIMIT, robot).remaining)


def consume(robot: str) -> bool:
    """Count one message. Return False if the limit is reached. Raises LimitUnknown."""
    with _redis_errors():
        return _limiter().hit(LIMIT, robot)


def is_peak(robot: str, now: datetime) -> bool:
    """True in the first seconds of :00 and :30, for a number of seconds that differs per robot."""
    if now.minute not in PEAK_MINUTES:
        return False
    return now.second < crc32(f"{robot} {now:%d %H:%M}".encode()) % SPREAD_SECONDS


@contextmanager
def _redis_errors() -> Iterator[None]:
    try:
        yield
    except (StorageError, RedisError):
        raise LimitUnknown from None


@cache
def _redis() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL, **settings.REDIS_OPTIONS)


@cache
def _limiter() -> MovingWindowRateLimiter:
    storage = RedisStorage(
        settings.REDIS_URL,
        connection_pool=_redis().connection_pool,
        key_prefix="recruit:limits",
        wrap_exceptions=True,
    )
    return MovingWindowRateLimiter(storage)
