"""What the run command asks before it starts anything."""

import shutil
import socket
from pathlib import Path

import pytest

from project.running import CannotRun, checks


def test_any_free_port_will_do_for_zero() -> None:
    assert checks.free_port("127.0.0.1", 0, print) > 0


def test_it_waits_for_a_port_that_is_being_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        told: list[str] = []

        def let_go(seconds: float) -> None:
            other.close()

        monkeypatch.setattr(checks.time, "sleep", let_go)
        assert checks.free_port("127.0.0.1", port, told.append) == port
    assert len(told) == 1


def test_a_full_disk_is_told_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    not_made_yet = tmp_path / "one" / "two"
    checks.room_on_disk(not_made_yet)
    full = shutil._ntuple_diskusage(total=1 << 40, used=1 << 40, free=7 << 20)
    monkeypatch.setattr(checks.shutil, "disk_usage", lambda place: full)
    with pytest.raises(CannotRun, match=f"^DATA_DIR: .*{tmp_path} is full: 7 MiB .*\\.$"):
        checks.room_on_disk(not_made_yet)
