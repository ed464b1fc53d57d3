"""Counts of dead_pids child processes are kept, in one file per kind of metric."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.mmap_dict import MmapedDict, mmap_key

from monitoring.metrics import multiprocess


@pytest.fixture
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(multiprocess.VARIABLE, str(tmp_path))
    return tmp_path


@pytest.fixture
def dead_pids() -> list[int]:
    """Process ids of three processes that have ended."""
    ended = [subprocess.Popen([sys.executable, "-c", ""]) for _ in range(3)]
    for process in ended:
        process.wait()
    return [process.pid for process in ended]


def write(file: Path, metric: str, sample: str, number: float, **labels: str) -> None:
    key = mmap_key(metric, sample, list(labels), list(labels.values()), "What it is.")
    written = MmapedDict(file)
    written.write_value(key, number, 0.0)
    written.close()


def collected() -> CollectorRegistry:
    registry = CollectorRegistry()
    multiprocess.ChildrenCollector(registry)
    return registry


def test_counts_of_dead_children_are_kept_in_one_file_per_kind(
    directory: Path, dead_pids: list[int]
) -> None:
    for pid in (*dead_pids, os.getpid()):
        write(directory / f"counter_{pid}.db", "sent", "sent_total", 2, queue="bulk")
        write(directory / f"histogram_{pid}.db", "age", "age_bucket", 1, le="1.0")
        write(directory / f"histogram_{pid}.db", "age", "age_bucket", 3, le="+Inf")
        write(directory / f"summary_{pid}.db", "size", "size_sum", 5)
        write(directory / f"gauge_livesum_{pid}.db", "open", "open", 7)
    for _twice in range(2):
        registry = collected()
        assert registry.get_sample_value("sent_total", {"queue": "bulk"}) == 8
        assert registry.get_sample_value("age_bucket", {"le": "1.0"}) == 4
        assert registry.get_sample_value("age_bucket", {"le": "+Inf"}) == 16
        assert registry.get_sample_value("size_sum") == 20
        assert registry.get_sample_value("open") == 7, "gauges of ended processes do not count"
        assert {file.name for file in directory.iterdir()} == {
            *(f"{kind}_merged.db" for kind in ("counter", "histogram", "summary")),
            *(f"{kind}_{os.getpid()}.db" for kind in ("counter", "histogram", "summary")),
            f"gauge_livesum_{os.getpid()}.db",
        }


def test_an_empty_new_file_does_not_break_the_scrape(directory: Path, dead_pids: list[int]) -> None:
    write(directory / f"counter_{dead_pids[0]}.db", "sent", "sent_total", 2)
    for pid in (dead_pids[1], os.getpid()):
        (directory / f"counter_{pid}.db").touch()
    assert collected().get_sample_value("sent_total") == 2


def test_only_directories_of_dead_workers_are_removed(tmp_path: Path) -> None:
    begin = (
        "import sys; from monitoring.metrics import multiprocess as m; from pathlib import Path; "
    )
    begin += "m.init_directory(Path(sys.argv[1])); print('begun', flush=True); sys.stdin.read()"
    one, other = (
        subprocess.Popen(
            [sys.executable, "-c", begin, str(tmp_path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        for _ in range(2)
    )
    for process in (one, other):
        assert process.stdout is not None
        assert process.stdout.readline() == b"begun\n"
    assert len(list(tmp_path.iterdir())) == 2
    one.kill()
    one.communicate()
    assert len(list(tmp_path.iterdir())) == 2, "the premise"
    subprocess.run([sys.executable, "-c", begin, str(tmp_path)], input=b"", check=True)
    assert len(list(tmp_path.iterdir())) == 1
    other.communicate()
    assert not list(tmp_path.iterdir())
