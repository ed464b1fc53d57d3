"""Of many who want the same at once one reads; what is over is never taken for true."""

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
def _remembering(settings: Settings) -> None:
    settings.CACHE_PAGES = True


def of_another_process(one: VersionedCache) -> VersionedCache:
    """Nothing is shared but what Redis holds."""
    other = VersionedCache(one.name)
    other.version_key = one.version_key
    return other


@pytest.fixture
def openings() -> VersionedCache:
    """One that remembers nothing yet; the label is one that the metric knows."""
    fresh = VersionedCache("openings")
    fresh.version_key = f"tests:{uuid.uuid4().hex}"
    fresh.invalidate()
    return fresh


class Shelf:
    """What is read takes until the shelf is opened."""

    def __init__(self) -> None:
        self.readings = 0
        self.is_asked = threading.Event()
        self._opened = threading.Event()
        self._lock = threading.Lock()

    def read(self) -> int:
        with self._lock:
            self.readings += 1
            reading = self.readings
        self.is_asked.set()
        assert self._opened.wait(30)
        return reading

    def open(self) -> None:
        self._opened.set()


def at_once(threads: ThreadPoolExecutor, ask: Callable[[int], int]) -> list[Future[int]]:
    """All begin together; each is told its number."""
    start = threading.Barrier(READERS)

    def begin(number: int) -> int:
        start.wait(30)
        return ask(number)

    return [threads.submit(begin, number) for number in range(READERS)]


def test_of_many_at_once_one_reads_and_the_others_wait_for_it(openings: VersionedCache) -> None:
    shelf, processes = Shelf(), (openings, of_another_process(openings))
    with ThreadPoolExecutor(READERS) as threads:
        asked = at_once(threads, lambda n: processes[n % 2].get_or_compute("page", shelf.read))
        assert shelf.is_asked.wait(30)
        shelf.open()
        assert [one.result() for one in asked] == [1] * READERS
    assert shelf.readings == 1


def test_what_has_grown_old_is_taken_while_one_reads_it_anew(
    openings: VersionedCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(versioned_cache, "FRESH_SECONDS", -1)
    assert openings.get_or_compute("page", lambda: 0) == 0, "the premise"
    monkeypatch.setattr(versioned_cache, "FRESH_SECONDS", 60)
    shelf = Shelf()
    with ThreadPoolExecutor(1) as thread:
        reader = thread.submit(openings.get_or_compute, "page", shelf.read)
        assert shelf.is_asked.wait(30)
        assert [openings.get_or_compute("page", shelf.read) for _ in range(5)] == [0] * 5
        shelf.open()
        assert reader.result() == 1
    assert openings.get_or_compute("page", shelf.read) == 1
    assert shelf.readings == 1


def test_what_was_read_before_a_change_is_not_found_after_it(openings: VersionedCache) -> None:
    """Not even what was being read while it changed: nobody waits for that either."""
    shelf = Shelf()
    with ThreadPoolExecutor(1) as thread:
        reader = thread.submit(openings.get_or_compute, "page", shelf.read)
        assert shelf.is_asked.wait(30)
        openings.invalidate()
        assert openings.get_or_compute("page", lambda: 7) == 7
        shelf.open()
        assert reader.result() == 1
    assert openings.get_or_compute("page", shelf.read) == 7


def test_a_reader_who_fails_leaves_it_to_the_next(openings: VersionedCache) -> None:
    def fail() -> int:
        raise LookupError

    for _ in range(3):
        with pytest.raises(LookupError):
            openings.get_or_compute("page", fail)
    assert openings.get_or_compute("page", lambda: 7) == 7


def test_nobody_waits_for_ever_for_a_reader_who_died(
    openings: VersionedCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(versioned_cache, "WAIT_SECONDS", 0.1)
    shelf = Shelf()
    with ThreadPoolExecutor(1) as thread:
        thread.submit(openings.get_or_compute, "page", shelf.read)
        assert shelf.is_asked.wait(30)
        assert openings.get_or_compute("page", lambda: 7) == 7
        shelf.open()
