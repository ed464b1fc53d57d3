"""Running the site's processes side by side: honcho, with processes that are started again.

One that ends by itself comes back after a growing pause; one that will not stay up stops the rest.
"""

import contextlib
import ctypes
import functools
import multiprocessing
import os
import shlex
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from multiprocessing.synchronize import Event
from typing import Any

from celery.utils.time import get_exponential_backoff_interval
from honcho.manager import Manager
from honcho.process import Popen, Process

STOP_SECONDS = 8  # then a process that does not stop is made to
STEADY_SECONDS = 20  # a process that lived this long was sound
MAX_RESTARTS = 4  # of a process that does not get that far
MAX_PAUSE_SECONDS = 15
LATER_SECONDS = 15  # after which processes that begin later begin anyway
PR_SET_PDEATHSIG = 1
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def die_with_parent(number: signal.Signals) -> None:
    """Ask Linux to send this signal when our parent ends, be it by SIGKILL."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, number)


def begin_afresh() -> None:
    """In a new child: signals mean what they usually do, though its keeper ignores them."""
    for number in STOP_SIGNALS:
        signal.signal(number, signal.SIG_DFL)
    die_with_parent(signal.SIGTERM)


class SupervisedProcess(Process):
    """Lives in a process of its own: starts its command, hands on its lines, starts it again.

    once: the command may end by itself and then is done. may_begin: the first start waits for this,
    at most for LATER_SECONDS.
    """

    # honcho cannot restart a process, and stops a process together with its children. So this class
    # and Runner use and override its private methods. If it renames them, `make run` cannot stop.

    def __init__(self, cmd: str, *, stopping: Event, **options: Any) -> None:
        super().__init__(cmd, **options)
        self.stopping = stopping
        self.once = False
        self.may_begin: Event | None = None
        self._child_ctor = functools.partial(Popen, preexec_fn=begin_afresh)

    def run(self, events: Any = None, ignore_signals: bool = False) -> None:  # noqa: FBT001, FBT002
        """honcho's own signature; `ignore_signals` is always so."""
        self._events = events
        for number in STOP_SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        die_with_parent(signal.SIGKILL)
        if self.may_begin is not None:
            self.may_begin.wait(LATER_SECONDS)
        failures = 0
        while True:
            began = time.monotonic()
            code = self._run_once()
            if self.once:
                self.stopping.wait()
            failures = 0 if time.monotonic() - began > STEADY_SECONDS else failures + 1
            if self.stopping.is_set() or failures > MAX_RESTARTS or self._pause(code, failures):
                break
        self._send_message({"returncode": code}, type="stop")

    def _run_once(self) -> int:
        child = self._child_ctor(self.cmd, env=self.env, cwd=self.cwd)
        self._send_message({"pid": child.pid}, type="start")
        if self.stopping.is_set():
            child.terminate()  # the manager could not know it yet
        for line in iter(child.stdout.readline, b""):
            self._send_message(line)
        child.stdout.close()
        code: int = child.wait()
        return code

    def _pause(self, code: int, failures: int) -> bool:
        """Wait before the next start; True when told to stop meanwhile."""
        seconds = get_exponential_backoff_interval(1, max(failures - 1, 0), MAX_PAUSE_SECONDS)
        self._send_message(f"ended with code {code}; starting it again in {seconds} s\n".encode())
        return self.stopping.wait(seconds)


class Runner(Manager):
    """The site's processes. `loop()` returns when all have ended, after a signal or a failure.

    culprit: the process or server that did not stay up, if that was the reason.
    """

    def __init__(self) -> None:
        super().__init__()
        self.stopping = multiprocessing.Event()
        self._others_may_begin = multiprocessing.Event()
        self.culprit: str | None = None
        self._in_background: list[Callable[[], object]] = []
        self._process_ctor = functools.partial(SupervisedProcess, stopping=self.stopping)

    def add(self, name: str, command: Sequence[str], env: dict[str, str]) -> None:
        """A process of the site."""
        self.add_process(name, f"exec {shlex.join(command)}", env=env)

    def add_later(
        self, name: str, command: Sequence[str], env: dict[str, str], *, once: bool = False
    ) -> None:
        """A process that leaves the processors to the others until `begin_others`.

        once: it may come to its end while the site goes on.
        """
        process = self.add_process(name, f"exec {shlex.join(command)}", env=env)
        process.may_begin, process.once = self._others_may_begin, once

    def begin_others(self) -> None:
        """Starts the processes of `add_later`. May be called from a background thread."""
        self._others_may_begin.set()

    def add_background(self, function: Callable[[], object]) -> None:
        """Runs the function in a daemon thread once all processes are forked, never before."""
        self._in_background.append(function)

    def stop_because_of(self, culprit: str) -> None:
        """Stops everything, as a signal would. May be called from a background thread."""
        self.culprit = culprit
        os.kill(os.getpid(), signal.SIGTERM)

    def terminate(self) -> None:
        """Tell every process to stop, and remember whose end was the reason."""
        if not self.stopping.is_set():
            stopped = [name for name, state in self._processes.items() if "returncode" in state]
            self.culprit = self.culprit or (stopped[0] if stopped else None)
            self.stopping.set()
            self.begin_others()  # honcho waits for the end of each, and so for its beginning
            deadline = threading.Timer(STOP_SECONDS, self.kill)
            deadline.daemon = True
            deadline.start()
        super().terminate()

    def _start(self) -> None:
        for number in STOP_SIGNALS:
            signal.signal(number, self._on_signal)
        super()._start()
        for function in self._in_background:
            threading.Thread(target=function, daemon=True).start()

    def _on_signal(self, number: int, frame: object) -> None:
        """The first signal asks, the second does not."""
        if self.stopping.is_set():
            self.kill()
        else:
            self.terminate()

    def _killall(self, force: bool = False) -> None:  # noqa: FBT001, FBT002
        """As honcho's, for processes that have begun; the others see `stopping` themselves.

        Asked politely is the process alone: a worker lets its children finish what they do.
        """
        for state in self._processes.values():
            if "pid" in state and "returncode" not in state:
                with contextlib.suppress(ProcessLookupError):
                    if force:
                        os.killpg(state["pid"], signal.SIGKILL)
                    else:
                        os.kill(state["pid"], signal.SIGTERM)
