"""The supervisor of `make run`: restarts processes, stops them together, and leaves none behind."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from tests.support.product.processes import Running

END_SECONDS = 30
PROGRAM = """
import os, sys, time
from project.running import supervisor
supervisor.MAX_RESTARTS = 1
supervisor.STOP_SECONDS = 2
supervisor.LATER_SECONDS = float(os.environ["LATER_SECONDS"])
site = supervisor.Runner()
for name, command in [argument.split("=", 1) for argument in sys.argv[1:]]:
    env = {"PATH": "/usr/bin:/bin"}
    if name in ("once", "later"):
        site.add_later(name, ["sh", "-c", command], env, once=name == "once")
    else:
        site.add(name, ["sh", "-c", command], env)
def begin_others_when_ready():
    while os.environ["READY"] and not os.path.exists(os.environ["READY"]):
        time.sleep(0.05)
    site.begin_others()
site.add_background(begin_others_when_ready)
site.loop()
print("culprit:", site.culprit, flush=True)
"""
Start = Callable[..., Running]


@pytest.fixture
def start() -> Iterator[Start]:
    """Start a runner with these processes, as name=command. `later` and `once` begin later.

    ready: the file whose existence lets them begin; by default they begin at once.
    """
    started = []

    def start(*, ready: Path | str = "", later_seconds: float = 99.0, **commands: str) -> Running:
        arguments = [f"{name}={command}" for name, command in commands.items()]
        env = {"READY": str(ready), "LATER_SECONDS": str(later_seconds)}
        started.append(Running("runner", [sys.executable, "-c", PROGRAM, *arguments], env))
        return started[-1]

    yield start
    for process in started:
        if process.is_alive():
            process.kill()


def survivors(family: list[psutil.Process]) -> list[psutil.Process]:
    """The processes that have not ended within END_SECONDS; zombies have ended."""
    deadline = time.monotonic() + END_SECONDS
    while family and time.monotonic() < deadline:
        _, family = psutil.wait_procs(family, timeout=0.2)
        family = [process for process in family if process.status() != psutil.STATUS_ZOMBIE]
    return family


def test_a_process_that_keeps_failing_stops_the_others_and_is_named(start: Start) -> None:
    runner = start(steady="exec sleep 1000", broken="echo ouch; exit 3")
    assert runner.wait() == 0
    assert runner.lines[-1] == "culprit: broken"
    assert len([line for line in runner.lines if "ouch" in line]) == 2, "it was restarted once"
    assert any("ended with code 3" in line for line in runner.lines)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_all_processes_without_naming_a_culprit(
    start: Start, number: signal.Signals
) -> None:
    runner = start(one="exec sleep 1000", two="exec sleep 1000")
    runner.wait_for("one started")
    runner.wait_for("two started")
    family = psutil.Process(runner.pid).children(recursive=True)
    os.kill(runner.pid, number)
    runner.wait()
    assert runner.lines[-1] == "culprit: None"
    assert survivors(family) == []


def test_a_process_that_ignores_sigterm_is_killed(start: Start) -> None:
    runner = start(
        stubborn="trap '' TERM; echo ignores signals; while true; do sleep 1; done",
        other="sleep 99",
    )
    runner.wait_for("ignores signals")
    runner.wait_for("other started")
    assert runner.terminate() == 0
    assert any("stubborn stopped (rc=-9)" in line for line in runner.lines)


def test_a_process_that_may_end_does_not_stop_the_others(start: Start) -> None:
    runner = start(
        once="echo played", steady="trap 'exit 0' TERM; echo can be stopped; sleep 1000 & wait"
    )
    runner.wait_for("played")
    runner.wait_for("can be stopped")
    assert runner.is_alive()
    assert runner.terminate() == 0
    assert runner.lines[-1] == "culprit: None"


@pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux notifies child processes when their parent ends"
)
def test_the_processes_of_a_killed_supervisor_end(start: Start) -> None:
    runner = start(one="exec sleep 1000", two="exec sleep 1000")
    runner.wait_for("one started")
    runner.wait_for("two started")
    family = psutil.Process(runner.pid).children(recursive=True)
    assert len(family) >= 4, "two keeper processes and their children"
    os.kill(runner.pid, signal.SIGKILL)
    assert survivors(family) == []


def test_a_process_that_begins_later_waits_for_the_first_ones(start: Start, tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    runner = start(
        ready=ready,
        first=f"sleep 1; echo first is ready; touch {ready}; exec sleep 99",
        later="echo begins; exec sleep 99",
    )
    runner.wait_for("begins")
    said = [line for line in runner.lines if "is ready" in line or "begins" in line]
    assert ["begins" in line for line in said] == [False, True], said
    runner.terminate()
    assert runner.lines[-1] == "culprit: None"


def test_a_process_that_has_not_begun_does_not_delay_the_end(start: Start, tmp_path: Path) -> None:
    runner = start(ready=tmp_path / "never", first="exec sleep 99", later="exec sleep 99")
    runner.wait_for("first started")
    began = time.monotonic()
    runner.terminate()
    assert time.monotonic() - began < END_SECONDS / 2
    assert runner.lines[-1] == "culprit: None"


def test_processes_begin_at_last_although_the_first_ones_never_answer(
    start: Start, tmp_path: Path
) -> None:
    never = tmp_path / "never"
    later = "echo begins; exec sleep 99"
    runner = start(ready=never, later_seconds=1, first="sleep 99", later=later)
    runner.wait_for("begins")
