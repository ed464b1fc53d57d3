"""How often one robot may send, counted in Redis for all workers together, and whose turn it is.

DingTalk takes 20 messages in a minute and then refuses for ten. Without Redis nobody can know how
many were sent, so nothing is.
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

PER_MINUTE = RateLimitItemPerMinute(18, namespace="dingtalk")  # two are left for a clock's error
TURN_SECONDS = 30  # without a sign of life; one request takes about ten
CROWDED_MINUTES = (0, 30)  # when everybody's robots speak
SPREAD_SECONDS = 20


class Unknown(Exception):
    """Redis does not answer, so that nobody knows what may be sent."""


class Taken(Exception):
    """Another worker is sending for this robot."""


class Turn:
    """The right to send for one robot, until it is over or was lost."""

    def __init__(self, lock: Lock) -> None:
        self._lock = lock

    def renew(self) -> None:
        """Say that one is still at it. Raises Taken, or Unknown."""
        with _redis_answers():
            try:
                self._lock.reacquire()
            except LockError:
                raise Taken from None


@contextmanager
def turn(robot: str) -> Iterator[Turn]:
    """Alone with this robot, by its name. Raises Taken, or Unknown."""
    lock = _redis().lock(
        f"recruit:dingtalk:turn:{robot}", timeout=TURN_SECONDS, blocking=False, thread_local=False
    )
    with _redis_answers():
        if not lock.acquire():
            raise Taken
    try:
        yield Turn(lock)
    finally:
        with suppress(RedisError):  # then it ends by itself
            lock.release()


def room(robot: str) -> int:
    """How many messages the robot may send at this moment. Raises Unknown."""
    with _redis_answers():
        return int(_limiter().get_window_stats(PER_MINUTE, robot).remaining)


def take(robot: str) -> bool:
    """Count one message, if there is room for it. Raises Unknown."""
    with _redis_answers():
        return _limiter().hit(PER_MINUTE, robot)


def is_crowded(robot: str, now: datetime) -> bool:
    """Whether to hold back for a few seconds, at :00 and :30, each robot for others."""
    if now.minute not in CROWDED_MINUTES:
        return False
    return now.second < crc32(f"{robot} {now:%d %H:%M}".encode()) % SPREAD_SECONDS


@contextmanager
def _redis_answers() -> Iterator[None]:
    try:
        yield
    except (StorageError, RedisError):
        raise Unknown from None


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
