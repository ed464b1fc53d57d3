"""The wording check finds banned words where they occur, and nothing else."""

import subprocess
import sys

import pytest
from django.conf import settings

from deploy.check_wording import METAPHORS, findings, openings, pronouns, tracked_files


@pytest.mark.parametrize("line", ["He chooses a time.", "# it is his own", "<p>Give it to HIM</p>"])
def test_a_person_who_is_called_he_is_found_with_file_and_line(line: str) -> None:
    (found,) = pronouns("jobs/x.py", f"first line\n{line}")
    assert found.startswith("jobs/x.py:2: ")


def test_words_that_contain_he_are_not_reported() -> None:
    assert list(pronouns("jobs/x.py", "the history of hers, this and cache")) == []


@pytest.mark.parametrize("line", ['    """What the page shows."""', "# Whoever asks first"])
def test_a_docstring_or_comment_without_a_subject_is_found(line: str) -> None:
    (found,) = openings("jobs/x.py", f"first line\n{line}")
    assert found.startswith("jobs/x.py:2: ")


def test_a_question_on_a_screen_is_not_a_docstring() -> None:
    assert list(openings("jobs/x.py", 'label = "What is your name?"')) == []


def test_every_name_in_the_list_has_a_standard_term() -> None:
    assert all(term and term != name for name, term in METAPHORS.items())


def test_vendored_files_and_migrations_are_not_checked() -> None:
    names = tracked_files()
    assert "deploy/check_wording.py" in names
    assert not [name for name in names if "/vendor/" in name or "/migrations/" in name]


def test_the_product_keeps_to_the_words() -> None:
    assert list(findings()) == []


def test_the_command_fails_exactly_if_it_prints_something() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "deploy.check_wording"],
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode == 0) == (not done.stdout)
