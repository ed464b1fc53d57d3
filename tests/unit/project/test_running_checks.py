"""The checks that the run command makes before it starts anything."""

import shutil
import socket
from pathlib import Path

import pytest

from project.running import CannotRun, checks


def test_port_zero_selects_any_free_port() -> None:
    assert checks.free_port("127.0.0.1", 0, print) > 0


def test_the_command_waits_for_a_port_that_is_about_to_become_free(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        messages: list[str] = []

        def release(seconds: float) -> None:
            other.close()

        monkeypatch.setattr(checks.time, "sleep", release)
        assert checks.free_port("127.0.0.1", port, messages.append) == port
    assert len(messages) == 1


def test_a_full_disk_is_reported_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    missing = tmp_path / "one" / "two"
    checks.room_on_disk(missing)
    full = shutil._ntuple_diskusage(total=1 << 40, used=1 << 40, free=7 << 20)
    monkeypatch.setattr(checks.shutil, "disk_usage", lambda path: full)
    with pytest.raises(CannotRun, match=f"^DATA_DIR: .*{tmp_path} is full: 7 MiB .*\\.$"):
        checks.room_on_disk(missing)
