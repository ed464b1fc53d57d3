"""Addresses of Sentinels, as clients, the channel layer and Celery take them."""

from __future__ import annotations

from monitoring import redis_client
from project.celery_broker import celery_url, transport_options

URL = "sentinel://recruit:se%2Fcret@one:26379,two/board/3"


def test_an_address_names_sentinels_master_database_and_user() -> None:
    found = redis_client.parse_sentinel(URL)
    assert found.sentinels == (("one", 26379), ("two", 26379))
    assert (found.master, found.database) == ("board", 3)
    assert found.user == {"username": "recruit", "password": "se/cret"}
    plain = redis_client.parse_sentinel("sentinel://[::1]:5000/board")
    assert (plain.sentinels, plain.database, plain.user) == ((("::1", 5000),), 0, {})


def test_the_channel_layer_gets_the_same_parts() -> None:
    host = redis_client.layer_host(URL)
    assert isinstance(host, dict)
    assert host["sentinels"] == [("one", 26379), ("two", 26379)]
    assert (host["master_name"], host["db"], host["password"]) == ("board", 3, "se/cret")
    assert redis_client.layer_host("redis://one/3") == "redis://one/3"


def test_celery_gets_an_address_for_each_sentinel_and_the_name_as_an_option() -> None:
    assert celery_url(URL) == (
        "sentinel://recruit:se%2Fcret@one:26379/3;sentinel://recruit:se%2Fcret@two:26379/3"
    )
    assert transport_options(URL)["master_name"] == "board"
    assert "master_name" not in transport_options("redis://one/3")
