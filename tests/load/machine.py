"""The machine of the measurement, the cores of each process, and what processes have used."""

from __future__ import annotations

import os
import platform
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

MEBIBYTE = 1024 * 1024
OPEN_FILES = 20_000


def web_core() -> set[int]:
    """Returns the core that is reserved for the measured process."""
    return {min(_ours)}


def second_web_core() -> set[int]:
    """Returns the core of a second web process; with fewer than four cores, that of the first."""
    return {sorted(_ours)[2]} if len(_ours) >= 4 else web_core()


def has_separate_cores() -> bool:
    """Returns True if web process, relay and the rest can each have a core of their own."""
    return len(_ours) >= 3


def relay_core() -> set[int]:
    """Returns the core reserved for the relay; without a third one, those of everything else."""
    return {sorted(_ours)[1]} if has_separate_cores() else others()


def others() -> set[int]:
    """Returns the cores for everything else: databases, clients and producers."""
    reserved = web_core() | second_web_core()
    reserved |= {sorted(_ours)[1]} if has_separate_cores() else set()
    return _ours - reserved or _ours


@contextmanager
def pinned(cores: set[int]) -> Iterator[None]:
    """Runs processes that are started within on these cores."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


_ours = os.sched_getaffinity(0)


def allow_many_sockets() -> None:
    """Raises the limit of open files for this process and its children."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def describe() -> str:
    """Describes the machine in one line."""
    memory = psutil.virtual_memory().total / MEBIBYTE / 1024
    return (
        f"{len(_ours)} cores of {_processor()}, {memory:.0f} GiB memory, "
        f"{platform.system()} {platform.release()}, Python {platform.python_version()}"
    )


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


@dataclass(frozen=True, slots=True)
class Usage:
    """CPU time that a process and its threads have used so far."""

    cpu_seconds: float
    memory_bytes: int

    @classmethod
    def of(cls, pid: int) -> Usage:
        process = psutil.Process(pid)
        times = process.cpu_times()
        return cls(times.user + times.system, process.memory_info().rss)

    @property
    def memory(self) -> str:
        return f"{self.memory_bytes / MEBIBYTE:.0f} MiB"
