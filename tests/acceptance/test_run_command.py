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

from tests.support.contracts.metrics_http import Labels, scrape
from tests.support.product.processes import MANAGE, Running
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
Run = Callable[..., Running]


@pytest.fixture
def port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        found: int = listener.getsockname()[1]
        return found


@pytest.fixture
def run(data_dir: Path, port: int) -> Iterator[Run]:
    """Starts the command in its own environment; kills at the end what still runs."""
    started = []

    def start(command: str = "run", **settings: str) -> Running:
        own = {"DATABASE_URL": "", "REDIS_URL": "", "DATA_DIR": str(data_dir), "PORT": str(port)}
        own["METRICS_BASE_PORT"] = "0"
        started.append(Running(command, [*MANAGE, command], own | settings))
        return started[-1]

    yield start
    for process in started:
        if process.is_alive():
            process.kill()
        print(process.output)  # noqa: T201 pytest shows it on failure


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


def pid_of(run: Running, name: str) -> int:
    """Returns the pid of the child that was started last under this name."""
    found = [line for line in run.lines if f"{name} started (pid=" in line]
    return int(found[-1].rpartition("=")[2].rstrip(")\n"))


def test_one_command_starts_the_site_keeps_it_running_and_stops_it(
    run: Run, data_dir: Path, port: int
) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        flower_port = listener.getsockname()[1]
    site = run(DEMO_PASSWORD="open-sesame", FLOWER="yes", FLOWER_PORT=str(flower_port))
    site.wait_for(f"The board is at http://127.0.0.1:{port}/", FIRST_START_SECONDS)
    signs_in = site.wait_for("Sign in as .*").string
    assert all(name in signs_in for name in PEOPLE)
    assert "open-sesame" in signs_in
    assert answers(port, "/healthz").status_code == 200
    until(lambda: answers(port, "/readyz").status_code == 200)  # Flower slows the others' start
    site.wait_for(f"Flower is at http://127.0.0.1:{flower_port}/: sign in as operations")
    until(lambda: wants_password(flower_port))
    for name in ("relay", "worker", "beat"):
        metrics = site.wait_for(rf"{name}.*Metrics on (http://127.0.0.1:\d+/metrics)")[1]
        assert httpx.get(metrics).status_code == 200
    assert len(left_running(data_dir)) > 7, "web, relay, worker, beat, flower and both servers"

    os.kill(pid_of(site, "web"), signal.SIGKILL)
    site.wait_for(f"Listening on TCP address 127.0.0.1:{port}", after="starting it again")
    assert answers(port, "/healthz").status_code == 200

    assert site.terminate() == 0
    assert left_running(data_dir) == []
    with pytest.raises(httpx.ConnectError):
        answers(port, "/healthz")


@pytest.mark.parametrize(("server", "process"), [("PostgreSQL", "postgres"), ("Valkey", "valkey")])
def test_an_embedded_server_that_dies_is_restarted(
    run: Run, data_dir: Path, port: int, server: str, process: str
) -> None:
    site = run()
    site.wait_for("The board is at", FIRST_START_SECONDS)
    until(lambda: answers(port, "/readyz").status_code == 200)
    pid_file = {"postgres": data_dir / "postgresql" / "postmaster.pid"}.get(
        process, data_dir / "valkey.pid"
    )
    pid = int(pid_file.read_text().split("\n", 1)[0])
    assert process in psutil.Process(pid).name(), "the premise: this is the server"
    os.kill(pid, signal.SIGKILL)
    site.wait_for(f"The embedded {server} has died. Starting it again")
    until(lambda: answers(port, "/readyz").status_code == 200)
    assert site.terminate() == 0
    assert left_running(data_dir) == []


def test_without_debug_the_demo_password_must_be_changed(run: Run, data_dir: Path) -> None:
    """Both when the demo is loaded now, and when it was loaded before with DEBUG."""
    before = sorted(data_dir.iterdir())
    refused = run(**WITHOUT_DEBUG)
    assert refused.wait() != 0
    (said,) = [line for line in refused.lines if "DEMO_PASSWORD" in line]
    assert "DEMO_PASSWORD must be your own" in said
    assert sorted(data_dir.iterdir()) == before

    loaded = run()
    loaded.wait_for("The board is at", FIRST_START_SECONDS)
    assert loaded.terminate() == 0
    refused = run(**WITHOUT_DEBUG, DEMO_PASSWORD="open-sesame")
    assert refused.wait() != 0
    refused.wait_for("DEMO_PASSWORD: admin, chen, lin, sun, wu, zhao still have")


def test_after_sigkill_the_next_start_is_clean_and_keeps_the_data(
    run: Run, data_dir: Path, port: int
) -> None:
    killed = run()
    killed.wait_for("The board is at", FIRST_START_SECONDS)
    assert any("Loading demo data" in line for line in killed.lines)
    os.kill(killed.pid, signal.SIGKILL)
    killed.wait()

    again = run("demo")
    again.wait_for("The board is at")
    assert not any("Loading demo data" in line for line in again.lines)
    again.wait_for("Playing the day of .* at 60 × its speed")
    before = interviews_by_status(port)
    until(lambda: interviews_by_status(port) != before)  # the simulated day changes the board
    os.kill(again.pid, signal.SIGINT)
    assert again.wait() == 0, "Ctrl-C is a regular end"
    assert left_running(data_dir) == []


def test_a_taken_port_is_reported_in_one_sentence(run: Run, data_dir: Path, port: int) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        site = run()
        assert site.wait() != 0
    assert site.lines[-1] == (
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
    run: Run, data_dir: Path, name: str, value: str
) -> None:
    site = run(**{name: value})
    assert site.wait() != 0
    expected = "SECRET_KEY" if name == "DEBUG" else name
    assert len(site.lines) == 1
    assert expected in site.lines[0]
    assert site.lines[0].endswith(".")
    assert left_running(data_dir) == []


def test_an_unwritable_data_directory_is_reported_in_one_sentence(run: Run, data_dir: Path) -> None:
    (data_dir / "file").touch()
    site = run(DATA_DIR=str(data_dir / "file"))
    assert site.wait() != 0
    assert "cannot be written" in site.lines[-1]
