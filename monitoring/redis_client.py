"""Clients of Redis by address: redis://, rediss://, unix://, or sentinel:// with a failover.

    sentinel://user:password@host1:26379,host2:26379/name/0

asks the Sentinels at these hosts for the master called `name`, and uses its database 0 with this
user and password.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

import redis
import redis.asyncio
import redis.asyncio.sentinel
import redis.sentinel
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import NoBackoff
from redis.retry import Retry

SENTINEL_PORT = 26379
ANSWER_SECONDS = 0.5  # of a Sentinel; then the next one is asked
TIMEOUTS = {"socket_timeout": ANSWER_SECONDS, "socket_connect_timeout": ANSWER_SECONDS}
# By default redis-py retries for seconds before it asks the next Sentinel.
SENTINEL_OPTIONS: dict[str, Any] = TIMEOUTS | {"retry": Retry(NoBackoff(), 0)}
ASYNC_SENTINEL_OPTIONS: dict[str, Any] = TIMEOUTS | {"retry": AsyncRetry(NoBackoff(), 0)}
SCHEME = "sentinel://"


@dataclass(frozen=True, slots=True, kw_only=True)
class SentinelAddress:
    """The parts of a sentinel:// address. user: username and password, as far as given."""

    sentinels: tuple[tuple[str, int], ...]
    master: str
    database: int
    user: dict[str, str]


def is_sentinel(url: str) -> bool:
    return url.startswith(SCHEME)


def parse_sentinel(url: str) -> SentinelAddress:
    """Return the parts of the address. Raises ValueError with the reason."""
    parts = urlsplit(url)
    credentials, _, hosts = parts.netloc.rpartition("@")
    master, _, database = parts.path.strip("/").partition("/")
    if not master:
        raise ValueError("must end with the name of the master: sentinel://host:26379/name")
    username, _, password = credentials.partition(":")
    given = {"username": unquote(username), "password": unquote(password)}
    return SentinelAddress(
        sentinels=tuple(_host_and_port(host) for host in hosts.split(",")),
        master=unquote(master),
        database=database_number(database),
        user={name: value for name, value in given.items() if value},
    )


def _host_and_port(host: str) -> tuple[str, int]:
    parts = urlsplit(f"//{host}")
    if not parts.hostname:
        raise ValueError("must name the host of each Sentinel: sentinel://host1:26379,host2/name")
    return parts.hostname, parts.port or SENTINEL_PORT


def database_number(text: str) -> int:
    """Return the number of a database in an address; 0 for "". Raises ValueError."""
    if text and not text.isdecimal():
        raise ValueError(f"'{text}' is no database number; it must be a number such as 0")
    return int(text or 0)


def connect(url: str, **options: Any) -> redis.Redis:
    """Return a client. Raises ValueError for a malformed address, and nothing without a server."""
    if not is_sentinel(url):
        return redis.Redis.from_url(url, **options)
    address = parse_sentinel(url)
    sentinel: Any = redis.sentinel.Sentinel(  # type: ignore[no-untyped-call]
        address.sentinels, sentinel_kwargs=SENTINEL_OPTIONS
    )
    client: redis.Redis = sentinel.master_for(
        address.master, db=address.database, **address.user, **options
    )
    return client


def connect_async(url: str, **options: Any) -> redis.asyncio.Redis:
    """Return an asynchronous client; otherwise as `connect`."""
    if not is_sentinel(url):
        return redis.asyncio.from_url(url, **options)
    address = parse_sentinel(url)
    sentinel: Any = redis.asyncio.sentinel.Sentinel(  # type: ignore[no-untyped-call]
        address.sentinels, sentinel_kwargs=ASYNC_SENTINEL_OPTIONS
    )
    client: redis.asyncio.Redis = sentinel.master_for(
        address.master, db=address.database, **address.user, **options
    )
    return client


def layer_host(url: str) -> str | dict[str, Any]:
    """Return the address as the channel layer takes it in `hosts`."""
    if not is_sentinel(url):
        return url
    address = parse_sentinel(url)
    return {
        "sentinels": list(address.sentinels),
        "sentinel_kwargs": ASYNC_SENTINEL_OPTIONS,
        "master_name": address.master,
        "db": address.database,
        **address.user,
    }
