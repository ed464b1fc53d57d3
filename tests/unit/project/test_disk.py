"""Free disk space is measured, and reported before the disk is full."""

from __future__ import annotations

import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest
from pytest_django import Settings

from monitoring.health.checks import NotReady
from project import disk


@pytest.fixture
def free(monkeypatch: pytest.MonkeyPatch, settings: Settings, tmp_path: Path) -> dict[str, int]:
    """Free bytes of disks of 100 bytes, by the name of the directory that they hold."""
    free = {"data": 50, "private": 60, "logs": 70}
    settings.DATA_DIR, settings.LOG_DIR = tmp_path / "data", tmp_path / "logs"
    private = settings.STORAGES["private"] | {"OPTIONS": {"location": tmp_path / "private"}}
    settings.STORAGES = settings.STORAGES | {"private": private}
    for name in free:
        (tmp_path / name).mkdir()
    monkeypatch.setattr(
        shutil, "disk_usage", lambda path: SimpleNamespace(free=free[path.name], total=100)
    )
    return free


def test_the_fullest_disk_is_reported(free: dict[str, int]) -> None:
    assert disk.check() == "0.0 GiB free (50%)"
    free["logs"] = 12
    assert "(12%)" in disk.check()


@pytest.mark.parametrize("place", ["data", "private", "logs"])
def test_a_disk_that_is_almost_full_fails_the_check(free: dict[str, int], place: str) -> None:
    free[place] = 9
    with pytest.raises(NotReady, match=rf"\(9%\) for {place}"):
        disk.check()
    free[place] = 10
    disk.check()


def test_a_directory_that_does_not_exist_yet_is_measured_where_it_will_be(tmp_path: Path) -> None:
    free, total = disk.usage(tmp_path / "not" / "there")
    assert 0 < free <= total
