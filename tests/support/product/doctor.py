"""Runs `manage.py doctor` as a process."""

from __future__ import annotations

from tests.support.product.processes import MANAGE, Running

ADVISED_WITHIN_SECONDS = 30.0  # generous; a server that is gone costs two seconds


def doctor(env: dict[str, str]) -> tuple[int, str]:
    """Returns the exit code and the output of the doctor command."""
    process = Running("doctor", [*MANAGE, "doctor", "--no-color"], env, fork_from="libraries")
    code = process.wait(ADVISED_WITHIN_SECONDS)
    assert "Traceback" not in process.output
    return code, process.output
