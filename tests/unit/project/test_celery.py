"""What importing the Celery application does, and what it leaves alone."""

import subprocess
import sys

import pytest

NO_SETTINGS_READ = """
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
        (["tests/chaos_drill/__main__.py", "--only", "worker"], "False"),
    ],
)
def test_only_a_worker_begins_to_count_for_several_processes(
    argv: list[str], is_worker: str
) -> None:
    """Any other command may still choose its settings after this import."""
    command = [sys.executable, "-c", NO_SETTINGS_READ.format(argv=argv)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == is_worker
