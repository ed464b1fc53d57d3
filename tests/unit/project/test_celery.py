"""Importing the Celery application reads the settings only in a worker."""

import subprocess
import sys

import pytest

PRINT_WHETHER_SETTINGS_ARE_LOADED = """
import sys
sys.argv = {argv}
import project.celery
print("project.settings" in sys.modules)
"""


@pytest.mark.parametrize(
    ("argv", "is_worker"),
    [
        (["/usr/lib/celery/__main__.py", "--app", "project", "worker"], "True"),
        (["/usr/bin/celery", "-A", "project", "worker"], "True"),
        (["/usr/bin/celery", "-A", "project", "beat"], "False"),
        (["tests/game_day/__main__.py", "--only", "worker"], "False"),
    ],
)
def test_only_a_worker_sets_up_metrics_for_several_processes(
    argv: list[str], is_worker: str
) -> None:
    """Other commands can still choose their settings module after this import."""
    command = [sys.executable, "-c", PRINT_WHETHER_SETTINGS_ARE_LOADED.format(argv=argv)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == is_worker
