"""E-mails that are files, because no mail server is configured."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.mail import EmailMultiAlternatives, get_connection
from django.utils import timezone
from pytest_django import Settings

from interview.notifications.email.mail_files import (
    FILES_KEPT,
    SEPARATOR,
    mail_files_erase,
    mail_files_expire,
)


@pytest.fixture
def directory(settings: Settings, tmp_path: Path) -> Path:
    settings.EMAIL_FILE_PATH = tmp_path / "mail"
    return tmp_path / "mail"


def send(subject: str, text: str, to: str = "wu@example.com") -> None:
    backend = "interview.notifications.email.mail_files.Backend"
    message = EmailMultiAlternatives(subject, text, to=[to], connection=get_connection(backend))
    message.attach_alternative(f"<p>{text}</p>", "text/html")
    message.send()


def test_an_erasure_deletes_the_files_that_mention_the_person(directory: Path) -> None:
    """Chinese subjects are encoded in the file, so it must be decoded first."""
    send("面试：王伟", "Tomorrow")
    [encoded] = directory.iterdir()
    assert "王伟" not in encoded.read_text(), "the premise"
    send("明天", "王伟，上午十点")
    send("Tomorrow", "See you", to="wang@example.com")
    send("Tomorrow", "About somebody else")
    assert mail_files_erase({"王伟", "wang@example.com"}, []) == 3
    [left] = directory.iterdir()
    assert "somebody else" in left.read_text()


def test_files_of_earlier_versions_hold_several_messages(directory: Path) -> None:
    send("明天", "王伟，上午十点")
    [one] = directory.iterdir()
    other = b"Subject: Tomorrow\n\nAbout somebody else\n"
    (directory / "20261101-100000-1.log").write_bytes(other + SEPARATOR + one.read_bytes())
    assert mail_files_erase({"王伟"}, []) == 2


def test_nothing_is_deleted_for_nobody(directory: Path) -> None:
    assert mail_files_erase({"王伟"}, []) == 0, "there is no directory"
    send("明天", "王伟")
    assert mail_files_erase(set(), []) == 0


def test_files_are_deleted_after_a_week(directory: Path) -> None:
    now = timezone.now()
    send("old", "old")
    [old] = directory.iterdir()
    then = (now - FILES_KEPT - timedelta(minutes=1)).timestamp()
    os.utime(old, (then, then))
    send("new", "new")
    assert mail_files_expire(now) == 1
    assert not old.exists()
    assert len(list(directory.iterdir())) == 1
