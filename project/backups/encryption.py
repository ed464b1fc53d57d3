"""Encryption of archives with age or gpg, as filters that a stream goes through."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, cast

from django.conf import settings

from project.backups import BackupError
from project.backups.programs import last_line

Decrypted = AbstractContextManager[IO[bytes]]
SUFFIXES = {"age": ".age", "gpg": ".gpg"}


def method() -> str:
    """Return "age", "gpg", or "" for archives that are not encrypted."""
    if settings.BACKUP_AGE_RECIPIENT:
        return "age"
    return "gpg" if settings.BACKUP_GPG_RECIPIENT else ""


def suffix() -> str:
    return SUFFIXES.get(method(), "")


@contextmanager
def encrypting(target: IO[bytes]) -> Iterator[IO[bytes]]:
    """Yield a stream; what is written to it arrives encrypted in `target`.

    Raises BackupError if the program is missing or fails.
    """
    command = {
        "age": ["age", "--encrypt", "--recipient", settings.BACKUP_AGE_RECIPIENT],
        "gpg": [
            *("gpg", "--batch", "--no-tty", "--trust-model", "always"),
            *("--recipient", settings.BACKUP_GPG_RECIPIENT, "--encrypt"),
        ],
    }.get(method())
    if command is None:
        yield target
        return
    with _running(command, stdin=subprocess.PIPE, stdout=target) as process:
        yield cast(IO[bytes], process.stdin)


@contextmanager
def decrypting(archive: Path, identity: Path | None) -> Iterator[IO[bytes]]:
    """Yield the content of an archive, decrypted if its name says that it is encrypted.

    identity: the file with the private key, for age. Raises BackupError if it cannot be decrypted.
    """
    with archive.open("rb") as source:
        if archive.suffix not in SUFFIXES.values():
            yield source
            return
        command = ["gpg", "--batch", "--no-tty", "--decrypt"]
        if archive.suffix == SUFFIXES["age"]:
            if identity is None:
                raise BackupError("The archive is encrypted with age: name the key by --identity.")
            command = ["age", "--decrypt", "--identity", str(identity)]
        with _running(command, stdin=source, stdout=subprocess.PIPE) as process:
            yield cast(IO[bytes], process.stdout)


@contextmanager
def _running(
    command: list[str], *, stdin: int | IO[bytes], stdout: int | IO[bytes]
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a filter. Its failure explains a broken stream, so it is the error that is raised."""
    if shutil.which(command[0]) is None:
        raise BackupError(f"The program {command[0]} is missing: install it.")
    with TemporaryFile() as errors:
        process = subprocess.Popen(command, stdin=stdin, stdout=stdout, stderr=errors)
        failure: Exception | None = None
        try:
            yield process
        except (OSError, BackupError) as error:
            failure = error
        finally:
            code = _finish(process)
        if code != 0:
            raise BackupError(f"{command[0]} failed: {last_line(errors)}.") from failure
        if failure is not None:
            raise failure


def _finish(process: subprocess.Popen[bytes]) -> int:
    """Read what is left of the output, since a filter that cannot write it fails; wait."""
    if process.stdin is not None:
        with suppress(BrokenPipeError):  # the exit code says why
            process.stdin.close()
    if process.stdout is not None:
        while process.stdout.read(1 << 20):
            pass
        process.stdout.close()
    return process.wait()
