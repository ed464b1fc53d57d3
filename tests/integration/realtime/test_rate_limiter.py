"""One rate limiter counts for pages, the API, DingTalk robots and wrong passwords."""

from __future__ import annotations

import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.test import RequestFactory
from pytest_django import Settings

from interview.notifications.dingtalk import rate_limit as dingtalk
from project.accounts.lockout import LockoutBackend
from realtime import site_identity
from realtime.http.rate_limits import seconds_to_wait
from realtime.rate_limiter import Rate, RateLimit, RedisDown, hit_all
from realtime.redis_connection import redis_connection

pytestmark = pytest.mark.redis


def new_limit(requests: int, seconds: int = 60, *, renews_window: bool = False) -> RateLimit:
    return RateLimit(f"test:{uuid.uuid4().hex}", Rate(requests, seconds), renews_window)


def make_older(limit: RateLimit, *, seconds: int) -> None:
    """Moves all counted hits back by so many seconds."""
    server = redis_connection()
    for place, moment in enumerate(server.lrange(limit.redis_key, 0, -1)):
        server.lset(limit.redis_key, place, str(int(moment) - seconds * 1_000_000))


def test_a_limit_tells_how_many_hits_remain_and_how_long_to_wait() -> None:
    limit = new_limit(2)
    assert (limit.remaining(), limit.seconds_to_wait()) == (2, 0)
    assert limit.hit() == 0
    assert (limit.remaining(), limit.seconds_to_wait()) == (1, 0)
    assert limit.hit() == 0
    assert limit.remaining() == 0
    assert 59 < limit.seconds_to_wait() <= 60
    assert 59 < limit.hit() <= 60
    make_older(limit, seconds=60)
    assert (limit.remaining(), limit.seconds_to_wait()) == (2, 0)


def test_asking_counts_nothing() -> None:
    limit = new_limit(1)
    for _ in range(3):
        assert (limit.remaining(), limit.seconds_to_wait()) == (1, 0)
    assert limit.hit() == 0


def test_a_reset_limit_starts_again() -> None:
    limit = new_limit(1)
    assert limit.hit() == 0
    assert limit.hit() > 0
    limit.reset()
    assert limit.hit() == 0


def test_concurrent_hits_on_two_limits_never_exceed_the_smaller_one() -> None:
    """A hit that the smaller limit rejects spends nothing of the larger one."""
    small, large = new_limit(10), new_limit(30)
    with ThreadPoolExecutor(24) as threads:
        waits = list(threads.map(lambda _: max(hit_all([small, large])), range(100)))
    assert waits.count(0) == 10
    assert (small.remaining(), large.remaining()) == (0, 20)


def test_a_limit_may_renew_its_window_with_each_hit() -> None:
    """So a lockout has its full length, however slowly the passwords were tried."""
    sliding, renewing = new_limit(2), new_limit(2, renews_window=True)
    for limit in (sliding, renewing):
        assert limit.hit() == 0
        make_older(limit, seconds=50)
        assert limit.hit() == 0
    assert 9 < sliding.seconds_to_wait() <= 10
    assert 59 < renewing.seconds_to_wait() <= 60
    assert 59 < renewing.hit() <= 60, "a rejected hit renews nothing"


def test_counters_expire_with_their_window() -> None:
    limit = new_limit(5, 60)
    limit.hit()
    assert 0 < redis_connection().ttl(limit.redis_key) <= 60


def test_pages_robots_and_wrong_passwords_are_counted_by_the_same_limiter(
    settings: Settings, rf: RequestFactory
) -> None:
    settings.RATE_LIMITS, settings.SIGN_IN_FAILURES = {"search": Rate(1, 60)}, 5
    name, server = uuid.uuid4().hex, redis_connection()
    before = set(server.keys(f"{site_identity.prefix()}:rate:*"))
    seconds_to_wait(f"person:{name}", "search")
    dingtalk.consume(name)
    LockoutBackend().authenticate(rf.post("/", REMOTE_ADDR="192.0.2.7"), username=name)
    new = {
        key.split(b":")[3] for key in set(server.keys(f"{site_identity.prefix()}:rate:*")) - before
    }
    assert new == {b"search", b"dingtalk", b"lock_out"}


@pytest.mark.usefixtures("redis_is_away")
def test_without_redis_every_caller_decides_and_only_the_first_one_waits(
    settings: Settings, rf: RequestFactory
) -> None:
    """Pages and sign-in let everybody in; DingTalk sends nothing."""
    settings.RATE_LIMITS, settings.SIGN_IN_FAILURES = {"search": Rate(1, 60)}, 1
    began = time.monotonic()
    for _ in range(20):
        assert seconds_to_wait("somebody", "search") == 0
        LockoutBackend().authenticate(rf.post("/"), username="lin")
        with pytest.raises(RedisDown):
            dingtalk.consume("autumn")
    for ask in (new_limit(1).remaining, new_limit(1).seconds_to_wait, new_limit(1).reset):
        with pytest.raises(RedisDown):
            ask()
    assert time.monotonic() - began < 5
