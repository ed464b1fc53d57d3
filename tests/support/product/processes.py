"""Runs the product's real processes against the database and the Valkey of the test.

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
from contextlib import contextmanager
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit, urlunsplit

import pytest
import redis
from django.conf import settings
from django.db import connection

from project.celery import app
from project.embedded.sharing import stop_abandoned
from project.running.supervisor import die_with_parent
from tests.support.product.fork_server import ForkedProcess, Preloaded, preloaded
from tests.support.product.redis_keys import queue_key

START_SECONDS = 90  # generous, for a busy machine
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
    """A process that a test started, and its output so far."""

    def __init__(
        self,
        name: str,
        command: list[str],
        env: dict[str, str],
        *,
        fork_from: Preloaded | None = None,
    ) -> None:
        self.name = name
        self.lines: list[str] = []
        self._shown = 0
        self._news = threading.Condition()
        self._has_ended = False
        end, start = os.pipe()
        self._output = os.fdopen(end, encoding="utf-8")
        self._process = self._spawn(command, os.environ | env, start, fork_from)
        os.close(start)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _spawn(
        self, command: list[str], env: dict[str, str], output: int, fork_from: Preloaded | None
    ) -> subprocess.Popen[bytes] | ForkedProcess:
        if fork_from:
            return ForkedProcess(command, env, str(settings.BASE_DIR), output, fork_from)
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
        """Waits for an output line that matches the pattern; returns the match.

        after: search only from the first line that contains this text.
        """
        with self._news:
            found = self._news.wait_for(
                lambda: self._search(pattern, after) or self._has_ended, within
            )
        if isinstance(found, re.Match):
            return found
        raise AssertionError(f"{self.name} never printed {pattern!r} but:\n{self.output}")

    def wait(self, within: float = STOP_SECONDS) -> int:
        """Waits until it ends by itself; returns the exit code."""
        code = self._process.wait(within)
        self._reader.join(within)
        return code

    def terminate(self) -> int:
        """Sends SIGTERM and waits until it has ended; returns the exit code."""
        self._process.terminate()
        return self.wait()

    def ask_to_stop(self) -> None:
        """Sends SIGTERM and does not wait."""
        self._process.terminate()

    def kill(self) -> None:
        """Sends SIGKILL to it and its children, so that it cannot shut down cleanly."""
        os.killpg(self.pid, signal.SIGKILL)
        self.wait()

    @contextmanager
    def suspended(self) -> Iterator[None]:
        """Sends SIGSTOP, so that it hangs until the end of the block."""
        os.kill(self.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self.pid, signal.SIGCONT)

    def is_alive(self) -> bool:
        return self._process.poll() is None

    def show(self) -> None:
        """Prints its output since the last call; pytest shows it with a failed test."""
        new, self._shown = self.lines[self._shown :], len(self.lines)
        print(f"--- {self.name}", *new, sep="\n")  # noqa: T201

    def _search(self, pattern: str | re.Pattern[str], after: str) -> re.Match | None:
        lines = itertools.dropwhile(lambda line: after not in line, self.lines)
        return next(filter(None, (re.search(pattern, line) for line in lines)), None)

    def _read(self) -> None:
        with self._output as stream:
            for line in stream:
                with self._news:
                    self.lines.append(line.rstrip("\n"))
                    self._news.notify_all()
        with self._news:
            self._has_ended = True
            self._news.notify_all()


class Site:
    """The product's processes (web, relay, worker, beat), as many as a test starts.

    As a context manager it stops them at the end. env: settings of all of them. forked: from the
    fork server, which is quick; otherwise they start as in production, and share no memory.
    """

    def __init__(self, *, forked: bool = True, **env: str) -> None:
        self._env, self._forked = env, forked
        self.port = 0  # the first web process chooses a free one; later ones reuse it
        self.running: list[Running] = []
        self._special: set[int] = set()  # process ids with settings of their own

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def socket_url(self, path: str) -> str:
        return f"ws://127.0.0.1:{self.port}{path}"

    def start(self, name: str, **env: str) -> Running:
        """Starts a process and waits until it is ready. env: settings that differ."""
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
        wanted = environment() | self._env | env
        # A worker's metrics depend on its command line when the product is loaded.
        can_share = not env and name != "worker"
        loaded = preloaded(wanted, product=can_share) if self._forked else None
        process = Running(name, command, wanted, fork_from=loaded)
        self.running.append(process)
        if env:
            self._special.add(process.pid)
        found = process.wait_for(ready)
        if name == "web":
            self.port = int(found[1])
        return process

    def process(self, name: str) -> Running:
        """Returns the process of this name that is running now."""
        return next(one for one in self.running if one.name == name and one.is_alive())

    def ensure_running(self, *names: str) -> None:
        """Starts those of these processes that are not running."""
        for name in names:
            if name not in {process.name for process in self.running if process.is_alive()}:
                self.start(name)

    def keep_only(self, *names: str) -> None:
        """Keeps one process of each name, with default settings; kills all others."""
        kept: dict[str, Running] = {}
        for process in self.running:
            if process.is_alive():
                if process.name in names and process.pid not in self._special:
                    kept.setdefault(process.name, process)
                if process not in kept.values():
                    process.kill()
            process.show()
        self.running = list(kept.values())

    def show(self) -> None:
        """Prints the new output of every process; pytest shows it with a failed test."""
        for process in self.running:
            process.show()

    def stop(self) -> None:
        """Stops all processes."""
        self.keep_only()

    def sockets_open(self) -> float:
        """Returns how many sockets the web process serves now."""
        with urllib.request.urlopen(f"{self.url}/metrics") as answer:
            return sum(map(float, OPEN_SOCKETS.findall(answer.read().decode())))


def environment() -> dict[str, str]:
    """Returns the variables that point a process at the database and the Valkey of this test."""
    address = urlsplit(settings.DATABASE_URL)
    database = urlunsplit(address._replace(path=f"/{connection.settings_dict['NAME']}"))
    return {
        "DATABASE_URL": database,
        "REDIS_URL": settings.REDIS_URL,
        "PYTHONUNBUFFERED": "1",
    }


def clear_queues() -> None:
    """Deletes waiting messages, and unacknowledged ones that a killed worker left behind."""
    app.control.purge()
    with redis.Redis.from_url(settings.REDIS_URL) as broker:
        broker.delete(queue_key("unacked"), queue_key("unacked_index"))


@contextmanager
def data_directory() -> Iterator[Path]:
    """Yields a directory for embedded servers of one's own, accessible to PostgreSQL's account."""
    directory = Path(tempfile.mkdtemp(dir=settings.DATA_DIR))
    directory.chmod(0o755)
    yield directory
    if (directory / "servers.lease").exists():
        assert stop_abandoned(directory), "another process still uses the servers"
    shutil.rmtree(directory)


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """A directory for a test's own embedded servers."""
    with data_directory() as directory:
        yield directory


@pytest.fixture
def site(transactional_db: None) -> Iterator[Site]:
    """The product's processes, which the test starts; they use the same database as the test.

    The queues are emptied first, so that no worker runs a message of an earlier test.
    """
    clear_queues()
    with Site() as site:
        yield site
