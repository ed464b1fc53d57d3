"""Sharing the embedded servers: who needs them holds a lease, the last one to leave stops them.

A lease is a file lock, which the kernel gives back when its holder dies in whatever way; servers
that a killed holder left running are found and used by the next one.
"""

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from project.embedded import postgresql, valkey
from project.embedded.locations import EmbeddedError, Places, make_private, places
from project.environment.reader import Environment

SERVERS = {"PostgreSQL": postgresql, "Valkey": valkey}


def missing_servers(environment: Environment) -> tuple[str, ...]:
    """The servers that nobody gave an address for."""
    given = {"PostgreSQL": environment.database_url, "Valkey": environment.redis_url}
    return tuple(name for name, address in given.items() if not address)


def say_nothing(sentence: str) -> None:
    """The default for `tell`."""


@contextmanager
def embedded_servers(
    data_dir: Path,
    *,
    names: tuple[str, ...] = tuple(SERVERS),
    durable: bool = True,
    tell: Callable[[str], None] = say_nothing,
) -> Iterator[None]:
    """Keep these servers running for the length of a `with` block.

    names: which of SERVERS; tell: called with one sentence per step that takes time.
    Raises EmbeddedError with one sentence when a server cannot be had.
    """
    if not names:
        yield
        return
    try:
        at = places(data_dir)
        make_private(data_dir)
        at.home.mkdir(parents=True, exist_ok=True)
        lease = (at.home / "servers.lease").open("w")
    except OSError as error:
        raise EmbeddedError(f"{data_dir} cannot be written: {error.strerror}.") from None
    with lease:
        _take(at, lease, names, durable=durable, tell=tell)
        try:
            yield
        finally:
            _leave(at, lease, names, tell)


def _take(
    at: Places,
    lease: IO[str],
    names: tuple[str, ...],
    *,
    durable: bool,
    tell: Callable[[str], None],
) -> None:
    """Take a lease and see to it that the servers run; a failed start stops what it started."""
    with one_at_a_time(at):
        fcntl.flock(lease, fcntl.LOCK_SH)
        try:
            for name in names:
                if not SERVERS[name].is_running(at):
                    tell(f"Starting the embedded {name} …")
                    SERVERS[name].start(at, durable=durable)
        except BaseException as error:
            _stop_if_last(at, lease, names, say_nothing)
            if isinstance(error, OSError):
                raise EmbeddedError(
                    f"The embedded servers cannot start in {at.home}: {error.strerror}."
                ) from None
            raise


def _leave(at: Places, lease: IO[str], names: tuple[str, ...], tell: Callable[[str], None]) -> None:
    with one_at_a_time(at):
        _stop_if_last(at, lease, names, tell)


def _stop_if_last(
    at: Places, lease: IO[str], names: tuple[str, ...], tell: Callable[[str], None]
) -> bool:
    fcntl.flock(lease, fcntl.LOCK_UN)
    try:
        fcntl.flock(lease, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    for name in reversed(names):
        if SERVERS[name].is_running(at):
            tell(f"Stopping the embedded {name} …")
            SERVERS[name].stop(at)
    return True


def stop_abandoned(data_dir: Path) -> bool:
    """Stop the servers of a place whose holders all died; False when somebody holds them."""
    at = places(data_dir)
    with one_at_a_time(at), (at.home / "servers.lease").open("w") as lease:
        return _stop_if_last(at, lease, tuple(SERVERS), say_nothing)


@contextmanager
def one_at_a_time(at: Places) -> Iterator[None]:
    """Holds the lock under which servers are started and stopped."""
    with (at.home / "servers.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
