"""One set of numbers for a worker: its children count into files, its main process reads them all.

prometheus_client keeps what the dead have counted, one file for each of them and for ever. Here
the files of the dead are folded into one of each kind: counters never fall, and files stay few.
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
from prometheus_client.mmap_dict import MmapedDict
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

VARIABLE = "PROMETHEUS_MULTIPROC_DIR"  # prometheus_client's own
KINDS = ("counter", "histogram", "summary")  # what the dead have counted stays true
MERGED = "merged"  # in a file's name, where others have the number of their process

_merge_lock = threading.Lock()


def init_directory(home: Path) -> None:
    """Let this process and its children count into a directory below `home`, which is emptied of
    what dead workers left there. To be called before the first metric is declared.
    """
    home.mkdir(parents=True, exist_ok=True)
    with _locked(home, fcntl.LOCK_EX):
        for other in home.iterdir():
            _remove_if_abandoned(other)
        own = Path(tempfile.mkdtemp(dir=home, prefix="worker-"))
        # Held until this process and all its children have ended, in whatever way.
        fcntl.flock(os.open(own, os.O_RDONLY), fcntl.LOCK_SH)
    atexit.register(shutil.rmtree, own, ignore_errors=True)
    os.environ[VARIABLE] = str(own)
    # The variable alone comes too late: Celery's command line loads Flower, and so the library.
    values.ValueClass = values.MultiProcessValue()  # type: ignore[no-untyped-call]


def registry() -> CollectorRegistry:
    """What this process and its children have counted, and how this process itself is doing."""
    if VARIABLE not in os.environ:
        return REGISTRY
    counted = CollectorRegistry()
    ChildrenCollector(counted)  # type: ignore[no-untyped-call]
    ProcessCollector(registry=counted)
    return counted


class ChildrenCollector(MultiProcessCollector):
    """Reads the files of all processes, living and dead, while nobody folds them."""

    def collect(self) -> Iterable[Metric]:
        merge_dead()
        with _merge_lock:
            files = [file for file in _directory().glob("*.db") if _is_written(file)]
            return list(self.merge(files))  # type: ignore[no-untyped-call]


def merge_dead() -> None:
    """Add what dead children have counted to the past; what they were at is no longer."""
    if VARIABLE not in os.environ:
        return
    directory = _directory()
    with _merge_lock:
        # Files first: whose process does not live by now will write no more.
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
    """The library cannot read a file that its process is just about to begin."""
    return file.exists() and file.stat().st_size > 0


def _owner(file: Path) -> str:
    return file.stem.rpartition("_")[2]


def _is_of_dead_process(file: Path) -> bool:
    """Whether its process is neither this one nor a living child of it."""
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
