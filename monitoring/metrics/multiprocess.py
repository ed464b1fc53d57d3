"""Metrics of a Celery worker: its children write them to files, its main process exposes the sum.

prometheus_client keeps one set of files per child process forever. This module merges the files of
dead processes into one per kind of metric, so counters never decrease and files stay few.
"""

from __future__ import annotations

import atexit
import fcntl
import os
import shutil
import tempfile
import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from prometheus_client import REGISTRY, CollectorRegistry, Metric, ProcessCollector, values

# Undocumented, as is `values.ValueClass`: the library cannot merge files, and reads its variable
# only at import. If the format changes, the metrics of workers are missing or decrease.
from prometheus_client.mmap_dict import MmapedDict
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

VARIABLE = "PROMETHEUS_MULTIPROC_DIR"  # read by prometheus_client
KINDS = ("counter", "histogram", "summary")  # values of these kinds outlive their process
MERGED = "merged"  # in the file name, in place of the process id

_merge_lock = threading.Lock()


def init_directory(home: Path) -> None:
    """Makes this process and its children write metrics to a new directory below `home`.

    Removes directories of dead workers. Call it before the first metric is declared.
    """
    home.mkdir(parents=True, exist_ok=True)
    with _locked(home, fcntl.LOCK_EX):
        for other in home.iterdir():
            _remove_if_abandoned(other)
        own = Path(tempfile.mkdtemp(dir=home, prefix="worker-"))
        # The lock is held until this process and all its children have ended.
        fcntl.flock(os.open(own, os.O_RDONLY), fcntl.LOCK_SH)
    atexit.register(shutil.rmtree, own, ignore_errors=True)
    os.environ[VARIABLE] = str(own)
    # Setting the variable is not enough: Celery's command line has already imported the library.
    values.ValueClass = values.MultiProcessValue()  # type: ignore[no-untyped-call]


def registry() -> CollectorRegistry:
    """Registry with the metrics of this process and its children, plus its process metrics."""
    if VARIABLE not in os.environ:
        return REGISTRY
    counted = CollectorRegistry()
    ChildrenCollector(counted)  # type: ignore[no-untyped-call]
    ProcessCollector(registry=counted)
    return counted


class ChildrenCollector(MultiProcessCollector):
    """Reads the files of all processes, live and dead, while holding the merge lock."""

    def collect(self) -> Iterable[Metric]:
        merge_dead()
        with _merge_lock:
            files = [file for file in _directory().glob("*.db") if _is_written(file)]
            return list(self.merge(files))  # type: ignore[no-untyped-call]


def merge_dead() -> None:
    """Adds the counters of dead children to the merged files, and removes their live gauges."""
    if VARIABLE not in os.environ:
        return
    directory = _directory()
    with _merge_lock:
        # List the files first: a process that is dead by now will not write to its file again.
        dead = [file for file in directory.glob("*.db") if _is_of_dead_process(file)]
        for pid in {_owner(file) for file in dead}:
            mark_process_dead(pid, directory)  # type: ignore[no-untyped-call]
        for kind in KINDS:
            _merge_files(
                directory / f"{kind}_{MERGED}.db", [f for f in dead if f.name.startswith(kind)]
            )


def _merge_files(past: Path, files: list[Path]) -> None:
    if not files:
        return
    totals: Counter[str] = Counter()
    for file in filter(_is_written, [past, *files]):
        for key, number, *_ in MmapedDict.read_all_values_from_file(file):  # type: ignore[no-untyped-call]
            totals[key] += number
    new = past.with_suffix(".new")
    new.unlink(missing_ok=True)
    written = MmapedDict(new)  # type: ignore[no-untyped-call]
    for key, total in totals.items():
        written.write_value(key, total, 0.0)  # type: ignore[no-untyped-call]
    written.close()  # type: ignore[no-untyped-call]
    new.replace(past)
    for file in files:
        file.unlink()


def _directory() -> Path:
    return Path(os.environ[VARIABLE])


def _is_written(file: Path) -> bool:
    """Whether the file has content: the library cannot read one that was only just created."""
    return file.exists() and file.stat().st_size > 0


def _owner(file: Path) -> str:
    return file.stem.rpartition("_")[2]


def _is_of_dead_process(file: Path) -> bool:
    """Whether the file belongs to neither this process nor one of its live children."""
    owner = _owner(file)
    if owner in (MERGED, str(os.getpid())):
        return False
    try:
        return psutil.Process(int(owner)).ppid() != os.getpid()
    except psutil.NoSuchProcess:
        return True


@contextmanager
def _locked(directory: Path, how: int) -> Iterator[None]:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, how)
        yield
    finally:
        os.close(descriptor)


def _remove_if_abandoned(directory: Path) -> None:
    try:
        with _locked(directory, fcntl.LOCK_EX | fcntl.LOCK_NB):
            shutil.rmtree(directory)
    except BlockingIOError:
        return
