"""The installer uses uv, which is fast, and pip where uv is missing or fails."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

INSTALL = Path(__file__).parents[2] / "deploy" / "install.sh"
LIST = "requirements/runtime.txt"


class Machine:
    """A directory with programs that record their arguments instead of installing anything."""

    def __init__(self, root: Path) -> None:
        self.root, self.calls = root, root / "calls"
        for folder in (".venv/bin", "bin"):
            (root / folder).mkdir(parents=True)
        self.add(".venv/bin/python")

    def add(self, path: str, *, fails: bool = False) -> None:
        program = self.root / path
        program.write_text(
            f'#!/bin/sh\necho "{path} $UV_SYSTEM_CERTS $@" >> {self.calls}\nexit {int(fails)}\n'
        )
        program.chmod(0o755)

    def install(self) -> list[str]:
        """Runs the installer; returns the recorded calls, each after the name of its program."""
        env = {"PATH": str(self.root / "bin")}
        subprocess.run(["/bin/sh", INSTALL, "python3", LIST], cwd=self.root, env=env, check=True)
        return self.calls.read_text().splitlines()


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_a_uv_of_the_machine_installs_with_hashes_and_the_systems_certificates(
    machine: Machine,
) -> None:
    machine.add("bin/uv")
    (call,) = machine.install()
    assert call.startswith("bin/uv true pip install")
    assert call.endswith(f"--no-deps --require-hashes --requirement {LIST}")


def test_without_one_pip_installs_the_locked_uv(machine: Machine) -> None:
    machine.add(".venv/bin/uv")
    installer, product = machine.install()
    assert installer.startswith(".venv/bin/python")
    assert installer.endswith("--require-hashes --quiet --requirement requirements/installer.txt")
    assert product.startswith(".venv/bin/uv true pip install")


def test_pip_installs_with_hashes_where_uv_fails(machine: Machine) -> None:
    machine.add("bin/uv", fails=True)
    *_, call = machine.install()
    assert call.startswith(".venv/bin/python")
    assert "--no-deps --require-hashes" in call
    assert call.endswith(f"--requirement {LIST}")
