"""The product's real processes, run against the database and the Valkey of the test.

def test_…(site: Site) -> None:
    web, relay = site.start("web"), site.start("relay")
    …            # site.url, site.socket_url("/ws/me/")
    web.kill()
    site.start("web")         # at the same address
"""

import functools
import itertools
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
import redis
from django.conf import settings
from django.db import connection

from project.celery import app
from project.embedded.sharing import stop_abandoned
from project.running.supervisor import die_with_parent
from tests.support.product.fork_server import Warm, can_start

START_SECONDS = 90  # on a busy machine; nothing waits that long otherwise
STOP_SECONDS = 60
MANAGE = [sys.executable, str(settings.BASE_DIR / "manage.py")]
CELERY = [sys.executable, "-m", "celery", "--app", "project", "--quiet"]
WORKER_OPTIONS = [
    *("--queues", "default,notify,bulk", "--concurrency", "1"),
    *("--without-mingle", "--without-gossip", "--loglevel", "INFO"),
]
LISTENING = re.compile(r"Listening on TCP address 127\.0\.0\.1:(\d+)")
OPEN_SOCKETS = re.compile(r"^recruit_ws_sockets_open\{.*\} (\S+)$", re.MULTILINE)


class Running:
    """A process of the product, and all that it has said so far."""

    def __init__(
        self, name: str, command: list[str], env: dict[str, str], *, is_warm: bool = False
    ) -> None:
        self.name = name
        self.lines: list[str] = []
        self._shown = 0
        self._said = threading.Condition()
        self._over = False
        end, start = os.pipe()
        self._output = os.fdopen(end, encoding="utf-8")
        self._process = self._begun(command, os.environ | env, start, is_warm=is_warm)
        os.close(start)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _begun(
        self, command: list[str], env: dict[str, str], output: int, *, is_warm: bool
    ) -> subprocess.Popen[bytes] | Warm:
        if is_warm:
            return Warm(command, env, str(settings.BASE_DIR), output)
        return subprocess.Popen(
            command,
            env=env,
            cwd=settings.BASE_DIR,
            stdout=output,
            stderr=output,
            start_new_session=True,
            preexec_fn=functools.partial(die_with_parent, signal.SIGTERM),
        )

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def output(self) -> str:
        return "\n".join(self.lines)

    def wait_for(
        self, pattern: str | re.Pattern[str], within: float = START_SECONDS, *, after: str = ""
    ) -> re.Match:
        """The first line said, now or until then, in which the pattern is found.

        after: only lines that follow one with this text.
        """
        with self._said:
            found = self._said.wait_for(
                lambda: self._search(pattern, after) or self._is_over(), within
            )
        if isinstance(found, re.Match):
            return found
        raise AssertionError(f"{self.name} never said {pattern!r} but:\n{self.output}")

    def wait(self, within: float = STOP_SECONDS) -> int:
        """The exit code, once it has ended by itself."""
        code = self._process.wait(within)
        self._reader.join(within)
        return code

    def terminate(self) -> int:
        """Ask it to stop, and wait until it has. The exit code."""
        self._process.terminate()
        return self.wait()

    def ask_to_stop(self) -> None:
        """Ask it to stop, and go on."""
        self._process.terminate()

    def kill(self) -> None:
        """SIGKILL to it and all its children; it cannot say good-bye."""
        os.killpg(self.pid, signal.SIGKILL)
        self.wait()

    def is_alive(self) -> bool:
        return self._process.poll() is None

    def show(self) -> None:
        """Print what it has said since this was last asked; pytest shows it with a failed test."""
        said, self._shown = self.lines[self._shown :], len(self.lines)
        print(f"--- {self.name}", *said, sep="\n")  # noqa: T201

    def _search(self, pattern: str | re.Pattern[str], after: str) -> re.Match | None:
        lines = itertools.dropwhile(lambda line: after not in line, self.lines)
        return next(filter(None, (re.search(pattern, line) for line in lines)), None)

    def _is_over(self) -> bool:
        return self._over

    def _read(self) -> None:
        with self._output as stream:
            for line in stream:
                with self._said:
                    self.lines.append(line.rstrip("\n"))
                    self._said.notify_all()
        self._over = True
        with self._said:
            self._said.notify_all()


class Site:
    """Web, relay, worker and beat, as many of them as a test starts."""

    def __init__(self) -> None:
        self.port = 0  # the first web process chooses; the next ones keep it
        self.running: list[Running] = []
        self._special: set[int] = set()  # those with settings of their own

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def socket_url(self, path: str) -> str:
        return f"ws://127.0.0.1:{self.port}{path}"

    def start(self, name: str, **env: str) -> Running:
        """Start one process and wait until it works. env: settings that differ from the test's."""
        command, ready = {
            "web": ([*MANAGE, "web", "--port", str(self.port)], LISTENING),
            "relay": ([*MANAGE, "relay"], "The relay is running"),
            "worker": (
                [*CELERY, "worker", *WORKER_OPTIONS],
                r"celery@.* ready\.",
            ),
            "beat": (
                [*CELERY, "beat", "--pidfile", "", "--loglevel", "INFO"],
                r"This beat is (the leader|on standby)",
            ),
        }[name]
        wanted = environment() | env
        process = Running(name, command, wanted, is_warm=can_start(wanted))
        self.running.append(process)
        if env:
            self._special.add(process.pid)
        found = process.wait_for(ready)
        if name == "web":
            self.port = int(found[1])
        return process

    def complete(self, *names: str) -> None:
        """Start those of these processes that do not run."""
        for name in names:
            if name not in {process.name for process in self.running if process.is_alive()}:
                self.start(name)

    def leave(self, *names: str) -> None:
        """Stop all but one of each of these, with the test's own settings."""
        kept: dict[str, Running] = {}
        for process in self.running:
            if process.is_alive():
                if process.name in names and process.pid not in self._special:
                    kept.setdefault(process.name, process)
                if process not in kept.values():
                    process.kill()
            process.show()
        self.running = list(kept.values())

    def stop(self) -> None:
        """Stop what still runs."""
        self.leave()

    def sockets_open(self) -> float:
        """How many sockets the web process serves now."""
        with urllib.request.urlopen(f"{self.url}/metrics") as answer:
            return sum(map(float, OPEN_SOCKETS.findall(answer.read().decode())))


def environment() -> dict[str, str]:
    """What points a process at the database and the Valkey of this test."""
    address = urlsplit(settings.DATABASE_URL)
    database = urlunsplit(address._replace(path=f"/{connection.settings_dict['NAME']}"))
    return {
        "DATABASE_URL": database,
        "REDIS_URL": settings.REDIS_URL,
        "PYTHONUNBUFFERED": "1",
    }


def forget_messages() -> None:
    """Those that wait, and those that a worker took along when it was killed."""
    app.control.purge()
    with redis.Redis.from_url(settings.REDIS_URL) as broker:
        broker.delete("unacked", "unacked_index")


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """Room for embedded servers of one's own, which PostgreSQL's account can reach."""
    directory = Path(tempfile.mkdtemp(dir=settings.DATA_DIR))
    directory.chmod(0o755)
    yield directory
    if (directory / "servers.lease").exists():
        assert stop_abandoned(directory), "somebody still holds the servers"
    shutil.rmtree(directory)


@pytest.fixture
def site(transactional_db: None) -> Iterator[Site]:
    """The product's processes, to be started by the test, which sees the same database.

    No worker of theirs takes up what an earlier test has left in the queues.
    """
    forget_messages()
    site = Site()
    try:
        yield site
    finally:
        site.stop()
