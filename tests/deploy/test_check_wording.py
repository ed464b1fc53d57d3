"""The words that must not come back are found where they stand, and nowhere else."""

import subprocess
import sys

import pytest
from django.conf import settings

from deploy.check_wording import METAPHORS, pronouns, tracked_files


@pytest.mark.parametrize("line", ["He chooses a time.", "# it is his own", "<p>Give it to HIM</p>"])
def test_a_person_who_is_called_he_is_found_with_file_and_line(line: str) -> None:
    (found,) = pronouns("jobs/x.py", f"first line\n{line}")
    assert found.startswith("jobs/x.py:2: ")


def test_words_that_only_contain_he_are_left_alone() -> None:
    assert list(pronouns("jobs/x.py", "the history of hers, this and cache")) == []


def test_every_name_in_the_list_has_a_standard_term() -> None:
    assert all(term and term != name for name, term in METAPHORS.items())


def test_files_of_others_are_not_read() -> None:
    names = tracked_files()
    assert "deploy/check_wording.py" in names
    assert not [name for name in names if "/vendor/" in name or "/migrations/" in name]


def test_the_command_says_what_it_found_and_fails() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "deploy.check_wording"],
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode == 0) == (not done.stdout)
