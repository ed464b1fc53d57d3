"""Redis that others write to: it holds no code, and two sites on one Redis do not meet."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from django.conf import settings
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client

from jobs.models import Campaign
from jobs.openings.cache import OPENINGS
from realtime import site_identity
from realtime.redis_connection import redis_connection
from tests.factories import make_job
from tests.support.clients.simulated_clients import connectors, open_pages, reconcile, until
from tests.support.clients.websocket_client import visitor
from tests.support.product.private_servers import PrivateServers, private_servers
from tests.support.product.processes import Site

pytestmark = [
    pytest.mark.processes,
    pytest.mark.django_db(transaction=True),
    pytest.mark.timeout(300),
]

BOARD = "/ws/board/autumn/"
executed: list[str] = []


def execute(text: str) -> None:
    executed.append(text)


class Exploit:
    """Pickle calls a function when it reads this."""

    def __reduce__(self) -> tuple[Any, ...]:
        return execute, ("pickle",)


@pytest.fixture
def other_database(data_dir: Path, lin: User, campaign: Campaign) -> Iterator[PrivateServers]:
    """The database of another site, with a copy of everything: the same names, people and ids."""
    with private_servers(data_dir, "PostgreSQL") as servers:
        servers.copy_database()
        yield servers


def test_what_others_write_to_redis_is_never_executed(
    client: Client, campaign: Campaign, settings: Any
) -> None:
    """Every value of the cache is replaced by one that runs code when pickle reads it."""
    settings.CACHE_PAGES = True
    job = make_job(campaign=campaign, title="Engineer", is_published=True)
    OPENINGS.invalidate()
    paths = ("/joblist/", f"/job/{job.pk}/")
    for path in paths:
        client.get(path)
    server = redis_connection()
    keys = list(server.scan_iter(f"{site_identity.prefix()}:cache:*"))
    assert len(keys) > 2, "the premise: pages are cached"
    planted = (pickle.dumps(Exploit()), b'{"jobs": "no"}', b"[1, 2", b"null", b"[9999999999, 5]")
    for value in planted:
        for key in keys:
            server.set(key, value)
        for path in paths:
            answer = client.get(path)
            assert answer.status_code == 200
            assert "Engineer" in answer.content.decode()
    assert executed == []
    pickle.loads(planted[0])  # noqa: S301 the premise
    assert executed == ["pickle"]
    OPENINGS.invalidate()


def test_values_of_the_cache_are_json() -> None:
    cache.set("value", {"a": [1, None, "b"]})
    assert cache.get("value") == {"a": [1, None, "b"]}
    with pytest.raises(TypeError):
        cache.set("value", object())
    cache.delete("value")


async def test_two_sites_on_one_redis_do_not_see_each_other(
    site: Site, lin: User, other_database: PrivateServers
) -> None:
    """Their boards have the same names, and so do their people."""
    other = Site()
    with other:
        elsewhere = {**other_database.env, "REDIS_URL": with_number(settings.REDIS_URL, 1)}
        for name in ("relay", "web"):
            site.start(name)
            other.start(name, **elsewhere)
        async with (
            visitor(site, lin) as here,
            visitor(other, lin) as there,
            open_pages(*connectors(here, BOARD, 1)) as [mine],
            open_pages(*connectors(there, BOARD, 1)) as [theirs],
        ):
            await reconcile([mine])
            await until(lambda: len(prefixes()) == 2, "both listen", [mine, theirs])
            seen = {name.split(b":")[1] for name in channels()}
            assert site_identity.site_id().encode() in seen
    assert all(name.startswith(b"recruit:") for name in channels()), "no name without a site"


def with_number(url: str, number: int) -> str:
    return f"{url}?db={number}"


def channels() -> list[bytes]:
    """The channels of pub/sub that somebody listens to, of all databases of this Redis."""
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        found: Any = client.pubsub_channels()
        return list(found)


def prefixes() -> set[bytes]:
    return {b":".join(name.split(b":")[:2]) for name in channels()}
