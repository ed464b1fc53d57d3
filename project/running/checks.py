"""Is everything there that the site needs? Asked before anything is started."""

import errno
import shutil
import socket
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from monitoring import redis_client
from project.running import CannotRun

CONNECT_SECONDS = 5
PORT_PATIENCE_SECONDS = 8  # a site that was just killed may still be letting go of its port
PAUSE_SECONDS = 0.2
MEBIBYTE = 1 << 20
NEEDED_MEBIBYTES = 200  # a new PostgreSQL with demo data takes half of it


def free_port(host: str, port: int, tell: Callable[[str], None]) -> int:
    """The port to serve on: the wanted one once it is free, any free one for 0."""
    deadline = time.monotonic() + PORT_PATIENCE_SECONDS
    found = _bind(host, port)
    if found is None:
        tell(f"Port {port} is taken; waiting {PORT_PATIENCE_SECONDS} s for it …")
    while found is None and time.monotonic() < deadline:
        time.sleep(PAUSE_SECONDS)
        found = _bind(host, port)
    if found is None:
        raise CannotRun(f"PORT: {port} is taken by another program; choose one with PORT=8001.")
    return found


def _bind(host: str, port: int) -> int | None:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except PermissionError:
            raise CannotRun(f"PORT: {port} is reserved for the system; choose another.") from None
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise CannotRun(f"PORT: {error.strerror} on {host}:{port}.") from None
            return None
        found: int = listener.getsockname()[1]
        return found


def room_on_disk(data_dir: Path) -> None:
    """Raises CannotRun while a full disk is still a sentence, and not a crash of PostgreSQL."""
    place = next(step for step in (data_dir, *data_dir.parents) if step.is_dir())
    free = shutil.disk_usage(place).free // MEBIBYTE
    if free < NEEDED_MEBIBYTES:
        raise CannotRun(
            f"DATA_DIR: the disk of {place} is full: {free} MiB are free and "
            f"{NEEDED_MEBIBYTES} MiB are needed."
        )


def database_answers(url: str) -> None:
    """Raises CannotRun when nobody answers there, or not to this account."""
    try:
        psycopg.connect(url, connect_timeout=CONNECT_SECONDS).close()
    except psycopg.Error as error:
        raise CannotRun(f"DATABASE_URL: the database refuses: {one_line(error)}.") from None


def redis_answers(url: str) -> None:
    """Raises CannotRun when nobody answers there."""
    try:
        server = redis_client.connect(
            url, socket_connect_timeout=CONNECT_SECONDS, retry=Retry(NoBackoff(), 0)
        )
        with server:
            server.ping()
    except (redis.RedisError, OSError, ValueError) as error:
        raise CannotRun(f"REDIS_URL: Redis does not answer: {one_line(error)}.") from None


def one_line(error: Exception) -> str:
    """The beginning of an error's text, fit for the middle of a sentence."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return (lines or [type(error).__name__])[0].rstrip(".")
