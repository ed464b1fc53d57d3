"""E-mails as files, for an installation without a mail server. Named in EMAIL_BACKEND.

Only the account of the site may read the files. They are deleted after FILES_KEPT, and earlier when
a person in them is erased.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone

from jobs.privacy.mentions import mention_pattern

FILES_KEPT = timedelta(days=7)
SEPARATOR = b"\n" + b"-" * 79 + b"\n"
OWNER_ONLY_FILE, OWNER_ONLY_DIRECTORY = 0o600, 0o700


class Backend(BaseEmailBackend):
    """Writes each message to a file of its own, such as 20261129-103000-5f2c….eml."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        directory = Path(settings.EMAIL_FILE_PATH)
        directory.mkdir(parents=True, exist_ok=True, mode=OWNER_ONLY_DIRECTORY)
        for message in email_messages:
            path = directory / f"{timezone.now():%Y%m%d-%H%M%S}-{uuid.uuid4().hex}.eml"
            path.touch(OWNER_ONLY_FILE, exist_ok=False)
            path.write_bytes(message.message().as_bytes())
        return len(email_messages)


def mail_files_expire(now: datetime) -> int:
    """Deletes the files older than FILES_KEPT. Returns how many."""
    oldest = (now - FILES_KEPT).timestamp()
    return _delete(path for path in _files() if path.stat().st_mtime < oldest)


def mail_files_erase(texts: Collection[str], message_ids: Collection[str]) -> int:
    """Deletes the files that hold one of these texts or Message-IDs. Returns how many."""
    mention = mention_pattern([*texts, *message_ids])
    found = (path for path in _files() if mention.search(_readable(path.read_bytes())))
    return _delete(found)


def _files() -> Iterator[Path]:
    directory = Path(settings.EMAIL_FILE_PATH)
    if directory.is_dir():
        yield from (path for path in directory.iterdir() if path.is_file())


def _delete(paths: Iterator[Path]) -> int:
    number = 0
    for number, path in enumerate(paths, 1):  # noqa: B007 the last number is the result
        path.unlink(missing_ok=True)
    return number


def _readable(content: bytes) -> str:
    """Returns the headers and texts of all messages of a file, decoded.

    Earlier versions wrote several messages to one file, with a line of hyphens after each.
    """
    return "\n".join(text for one in content.split(SEPARATOR) for text in _texts_of(one))


def _texts_of(content: bytes) -> Iterator[str]:
    message = message_from_bytes(content, policy=policy.default)
    yield from (str(value) for value in message.values())
    for part in message.walk():
        if part.get_content_maintype() == "text":
            yield part.get_content()
