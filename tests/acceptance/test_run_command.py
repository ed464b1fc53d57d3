"""`manage.py run` for a newcomer: one command starts everything and leaves nothing behind."""

import os
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import psutil
import pytest
from django.conf import settings

from tests.support.contracts.metrics_http import Labels, scrape
from tests.support.external.programs import free_port
from tests.support.product.fork_server import Preloaded
from tests.support.product.processes import MANAGE, Running, data_directory
from tests.support.wait import until

pytestmark = [pytest.mark.processes, pytest.mark.xdist_group("run")]

FIRST_START_SECONDS = 120  # creates the database and its demo data
PEOPLE = ("lin", "wu", "zhao", "chen", "sun", "admin")
WITHOUT_DEBUG = {
    "DEBUG": "no",
    "SECRET_KEY": "a-key-of-our-own-that-nobody-else-has-seen",
    "ALLOWED_HOSTS": "127.0.0.1",
    "TRUSTED_ORIGINS": "https://board.example.com",
}
PASSWORD = "open-sesame"
Refused = Callable[..., list[str]]


class Home:
    """A data directory of one's own, and the site that runs on it.

    first: the start that found the directory empty.
    """

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.port = free_port()
        self.flower_port = free_port()
        self.started: list[Running] = []

    @property
    def first(self) -> Running:
        return self.started[0]

    def site(self) -> Running:
        """Returns the running site; starts it if it is not running, and waits until it is ready."""
        if not (self.started and self.started[-1].is_alive()):
            self.start("run", FLOWER="yes", FLOWER_PORT=str(self.flower_port))
        site = self.started[-1]
        site.wait_for("The board is at", FIRST_START_SECONDS)
        until(lambda: answers(self.port, "/readyz").status_code == 200)
        return site

    def data_of_a_killed_site(self) -> None:
        """Makes sure that the data was created, and that no site runs on it any more."""
        if not self.started:
            self.site()
        if self.started[-1].is_alive():
            self.started[-1].kill()

    def start(
        self, command: str, *, fork_from: Preloaded | None = None, **settings: str
    ) -> Running:
        """Starts the command in its own environment; does not wait."""
        own = {"DATABASE_URL": "", "REDIS_URL": "", "METRICS_BASE_PORT": "0"}
        own |= {"DATA_DIR": str(self.data_dir), "PORT": str(self.port), "DEMO_PASSWORD": PASSWORD}
        env = own | settings
        self.started.append(Running(command, [*MANAGE, command], env, fork_from=fork_from))
        return self.started[-1]

    def stop(self) -> None:
        """Kills what still runs."""
        for process in self.started:
            if process.is_alive():
                process.kill()
            process.show()


@pytest.fixture(scope="module")
def own_home() -> Iterator[Home]:
    """A home that all tests of this module share, because a first start is expensive."""
    with data_directory() as directory:
        home = Home(directory)
        yield home
        home.stop()


@pytest.fixture
def home(own_home: Home) -> Iterator[Home]:
    yield own_home
    for process in own_home.started:
        process.show()


@pytest.fixture
def refused(data_dir: Path) -> Iterator[Refused]:
    """Runs the command on an empty data directory with these settings, which it refuses.

    Returns the lines that it printed.
    """
    home = Home(data_dir)

    def run(**settings: str) -> list[str]:
        process = home.start("run", fork_from="libraries", **settings)
        assert process.wait() != 0
        return process.lines

    yield run
    home.stop()


def left_running(data_dir: Path) -> list[str]:
    """Returns the processes that were started for this data directory and still run."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.environ().get("DATA_DIR") == str(data_dir):
                found.append(" ".join(process.cmdline()))
    return found


def answers(port: int, path: str) -> httpx.Response:
    return httpx.get(f"http://127.0.0.1:{port}{path}", timeout=10)


def interviews_by_status(port: int) -> dict[Labels, float]:
    """Returns the number of today's interviews by status."""
    found = scrape(f"http://127.0.0.1:{port}/metrics/site").samples
    return {
        labels: value for (name, labels), value in found.items() if name == "recruit_interviews"
    }


def wants_password(port: int) -> bool:
    """True if a server answers on this port and asks for a password."""
    with suppress(httpx.TransportError):
        return answers(port, "/workers").status_code == 401
    return False


def answers_if_connected(port: int) -> bool:
    """True if the site answers; a connection that a killed process had accepted is reset."""
    with suppress(httpx.TransportError):
        return answers(port, "/healthz").status_code == 200
    return False


def pid_of(run: Running, name: str) -> int:
    """Returns the pid of the child that was started last under this name."""
    found = [line for line in run.lines if f"{name} started (pid=" in line]
    return int(found[-1].rpartition("=")[2].rstrip(")\n"))


def test_one_command_creates_the_data_and_starts_every_process(home: Home) -> None:
    site = home.site()
    assert any("Loading demo data" in line for line in home.first.lines)
    site.wait_for(f"The board is at http://127.0.0.1:{home.port}/")
    signs_in = site.wait_for("Sign in as .*").string
    assert all(name in signs_in for name in PEOPLE)
    assert PASSWORD in signs_in
    assert answers(home.port, "/healthz").status_code == 200
    site.wait_for(f"Flower is at http://127.0.0.1:{home.flower_port}/: sign in as operations")
    until(lambda: wants_password(home.flower_port))
    for name in ("relay", "worker", "beat"):
        metrics = site.wait_for(rf"{name}.*Metrics on (http://127.0.0.1:\d+/metrics)")[1]
        assert httpx.get(metrics).status_code == 200
    running = left_running(home.data_dir)
    assert len(running) > 7, "web, relay, worker, beat, flower and both servers"


def test_a_process_that_dies_is_restarted_at_the_same_address(home: Home) -> None:
    site = home.site()
    os.kill(pid_of(site, "web"), signal.SIGKILL)
    site.wait_for(f"Listening on TCP address 127.0.0.1:{home.port}", after="starting it again")
    assert answers(home.port, "/healthz").status_code == 200


@pytest.mark.parametrize(("server", "process"), [("PostgreSQL", "postgres"), ("Valkey", "valkey")])
def test_an_embedded_server_that_dies_is_restarted(home: Home, server: str, process: str) -> None:
    site = home.site()
    pid_file = {"postgres": home.data_dir / "postgresql" / "postmaster.pid"}.get(
        process, home.data_dir / "valkey.pid"
    )
    pid = int(pid_file.read_text().split("\n", 1)[0])
    assert process in psutil.Process(pid).name(), "the premise: this is the server"
    os.kill(pid, signal.SIGKILL)
    site.wait_for(f"The embedded {server} has died. Starting it again")
    until(lambda: answers(home.port, "/readyz").status_code == 200)


@pytest.mark.parametrize("server", ["daphne", "uvicorn"])
def test_two_web_processes_share_the_port_and_one_may_die(home: Home, server: str) -> None:
    if home.started and home.started[-1].is_alive():
        assert home.started[-1].terminate() == 0
    site = home.start("run", WEB_PROCESSES="2", WEB_SERVER=server)
    metrics = [
        site.wait_for(rf"web-{number}.*Metrics on (http://127.0.0.1:\d+/metrics)")[1]
        for number in (1, 2)
    ]
    for number in (1, 2):
        site.wait_for(rf"web-{number}.*Listening on TCP address 127.0.0.1:{home.port}")
    for _ in range(64):  # each on a connection of its own; all at one process: once in 2 ** 63
        assert answers(home.port, "/accounts/login/").status_code == 200
    served = [scrape(address).total("recruit_http_requests_total") for address in metrics]
    assert min(served) > 0, served
    os.kill(pid_of(site, "web-1"), signal.SIGKILL)
    until(lambda: answers_if_connected(home.port))
    site.wait_for(f"web-1.*Listening on TCP address 127.0.0.1:{home.port}", after="starting it")
    assert site.terminate() == 0
    assert left_running(home.data_dir) == []


def test_after_sigkill_the_next_start_is_clean_and_keeps_the_data(home: Home) -> None:
    killed = home.site()
    os.kill(killed.pid, signal.SIGKILL)
    killed.wait()

    again = home.start("demo")
    again.wait_for("The board is at")
    assert not any("Loading demo data" in line for line in again.lines)
    again.wait_for("Playing the day of .* at 60 × its speed")
    before = interviews_by_status(home.port)
    until(lambda: interviews_by_status(home.port) != before)  # the simulated day changes the board
    os.kill(again.pid, signal.SIGINT)
    assert again.wait() == 0, "Ctrl-C is a regular end"
    assert left_running(home.data_dir) == []
    with pytest.raises(httpx.ConnectError):
        answers(home.port, "/healthz")


def test_sigterm_stops_everything_even_while_the_processes_start(home: Home) -> None:
    home.data_of_a_killed_site()
    site = home.start("run")
    for name in ("web", "relay", "worker", "beat"):
        site.wait_for(rf"{name} started \(pid=")
    assert site.terminate() == 0
    assert left_running(home.data_dir) == []


def test_without_debug_the_published_demo_password_is_refused(
    refused: Refused, data_dir: Path
) -> None:
    before = sorted(data_dir.iterdir())
    lines = refused(**WITHOUT_DEBUG, DEMO_PASSWORD=settings.PUBLISHED_DEMO_PASSWORD)
    (said,) = [line for line in lines if "DEMO_PASSWORD" in line]
    assert "DEMO_PASSWORD must be your own" in said
    assert sorted(data_dir.iterdir()) == before


def test_a_taken_port_is_reported_in_one_sentence(refused: Refused, data_dir: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        lines = refused(PORT=str(port))
    assert lines[-1] == (
        f"CommandError: PORT: {port} is taken by another program; choose one with PORT=8001."
    )
    assert left_running(data_dir) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nothing"),
        ("DATABASE_URL", "sqlite:///recruit.db"),
        ("REDIS_URL", "redis://127.0.0.1:1/0"),
        ("PORT", "eight thousand"),
        ("DEBUG", "no"),
    ],
)
def test_a_wrong_setting_is_reported_in_one_sentence_that_names_it(
    refused: Refused, data_dir: Path, name: str, value: str
) -> None:
    lines = refused(**{name: value})
    expected = "SECRET_KEY" if name == "DEBUG" else name
    assert len(lines) == 1
    assert expected in lines[0]
    assert lines[0].endswith(".")
    assert left_running(data_dir) == []


def test_an_unwritable_data_directory_is_reported_in_one_sentence(
    refused: Refused, data_dir: Path
) -> None:
    (data_dir / "file").touch()
    lines = refused(DATA_DIR=str(data_dir / "file"))
    assert "cannot be written" in lines[-1]
