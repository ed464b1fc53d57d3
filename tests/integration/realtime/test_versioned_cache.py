"""On a miss one caller computes the value, and an invalidated value is never returned."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from pytest_django import Settings

from realtime import versioned_cache
from realtime.versioned_cache import VersionedCache

pytestmark = pytest.mark.redis

READERS = 40


@pytest.fixture(autouse=True)
def _caching(settings: Settings) -> None:
    settings.CACHE_PAGES = True


def in_another_process(one: VersionedCache) -> VersionedCache:
    """The same cache as another process has it: they share only the contents of Redis."""
    other = VersionedCache(one.name)
    other.version_key = one.version_key
    return other


@pytest.fixture
def openings() -> VersionedCache:
    """An empty cache, with a name that is a label of the metric."""
    fresh = VersionedCache("openings")
    fresh.version_key = f"tests:{uuid.uuid4().hex}"
    fresh.invalidate()
    return fresh


class SlowSource:
    """A computation that does not return until the source is opened."""

    def __init__(self) -> None:
        self.calls = 0
        self.is_called = threading.Event()
        self._opened = threading.Event()
        self._lock = threading.Lock()

    def read(self) -> int:
        with self._lock:
            self.calls += 1
            result = self.calls
        self.is_called.set()
        assert self._opened.wait(30)
        return result

    def open(self) -> None:
        self._opened.set()


def run_together(threads: ThreadPoolExecutor, call: Callable[[int], int]) -> list[Future[int]]:
    """Call a function in all threads at the same moment, each with its number."""
    start = threading.Barrier(READERS)

    def begin(number: int) -> int:
        start.wait(30)
        return call(number)

    return [threads.submit(begin, number) for number in range(READERS)]


def test_on_a_miss_one_caller_computes_and_the_others_wait(openings: VersionedCache) -> None:
    source, processes = SlowSource(), (openings, in_another_process(openings))
    with ThreadPoolExecutor(READERS) as threads:
        results = run_together(
            threads, lambda n: processes[n % 2].get_or_compute("page", source.read)
        )
        assert source.is_called.wait(30)
        source.open()
        assert [one.result() for one in results] == [1] * READERS
    assert source.calls == 1


def test_a_stale_value_is_served_while_one_caller_recomputes_it(
    openings: VersionedCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(versioned_cache, "FRESH_SECONDS", -1)
    assert openings.get_or_compute("page", lambda: 0) == 0, "the premise"
    monkeypatch.setattr(versioned_cache, "FRESH_SECONDS", 60)
    source = SlowSource()
    with ThreadPoolExecutor(1) as thread:
        reader = thread.submit(openings.get_or_compute, "page", source.read)
        assert source.is_called.wait(30)
        assert [openings.get_or_compute("page", source.read) for _ in range(5)] == [0] * 5
        source.open()
        assert reader.result() == 1
    assert openings.get_or_compute("page", source.read) == 1
    assert source.calls == 1


def test_a_value_computed_before_a_change_is_not_returned_after_it(
    openings: VersionedCache,
) -> None:
    """Not even if it was being computed during the change; callers do not wait for it either."""
    source = SlowSource()
    with ThreadPoolExecutor(1) as thread:
        reader = thread.submit(openings.get_or_compute, "page", source.read)
        assert source.is_called.wait(30)
        openings.invalidate()
        assert openings.get_or_compute("page", lambda: 7) == 7
        source.open()
        assert reader.result() == 1
    assert openings.get_or_compute("page", source.read) == 7


def test_after_a_failed_computation_the_next_caller_computes(openings: VersionedCache) -> None:
    def fail() -> int:
        raise LookupError

    for _ in range(3):
        with pytest.raises(LookupError):
            openings.get_or_compute("page", fail)
    assert openings.get_or_compute("page", lambda: 7) == 7


def test_callers_do_not_wait_for_ever_for_one_that_died(
    openings: VersionedCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(versioned_cache, "WAIT_SECONDS", 0.1)
    source = SlowSource()
    with ThreadPoolExecutor(1) as thread:
        thread.submit(openings.get_or_compute, "page", source.read)
        assert source.is_called.wait(30)
        assert openings.get_or_compute("page", lambda: 7) == 7
        source.open()
