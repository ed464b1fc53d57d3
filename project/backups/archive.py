"""The archive as a stream: members are written one after the other, and read in the same order."""

from __future__ import annotations

import hashlib
import json
import os
import re
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from io import BytesIO
from typing import IO, Any

from project.backups import BackupError

FORMAT = 1
CHUNK_BYTES = 1 << 20
MANIFEST = "manifest.json"
DUMP = "database.dump"
# A member's name becomes a path: nothing that leaves the two directories, or is hidden at their
# top, where a restore keeps its own files.
MEMBER = re.compile(r"(?:media|private)/(?!\.)[^/\x00]+(?:/(?!\.{1,2}(?:/|\Z))[^/\x00]+)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """Size in bytes and SHA-256 of a member, as hexadecimal digits."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """The content of an archive.

    taken_at    the moment of the database's snapshot, ISO 8601
    migrations  those applied, as "app.name"
    missing     files to which the database refers, and which did not exist
    """

    format: int
    taken_at: str
    version: str
    postgresql: int
    migrations: list[str]
    members: dict[str, Member] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)

    def text(self) -> bytes:
        return json.dumps(asdict(self), indent=1).encode()

    @classmethod
    def parse(cls, text: bytes) -> Manifest:
        """Raises BackupError for another format."""
        try:
            values: dict[str, Any] = json.loads(text)
            if values["format"] != FORMAT:
                raise BackupError(f"The archive's format {values['format']} is not known here.")
            members = {name: Member(**one) for name, one in values.pop("members").items()}
            return cls(**values, members=members)
        except (ValueError, KeyError, TypeError, AttributeError):
            raise BackupError("The archive's manifest cannot be read.") from None


class ArchiveWriter:
    """Appends members to a tar stream, and remembers their checksums."""

    def __init__(self, target: IO[bytes]) -> None:
        self._tar = tarfile.open(fileobj=target, mode="w|", format=tarfile.PAX_FORMAT)  # noqa: SIM115 closed by `finish`
        self.members: dict[str, Member] = {}

    def add(self, name: str, source: IO[bytes]) -> None:
        """Append an open file, from its beginning."""
        source.seek(0)
        reader = HashingReader(source)
        member = tarfile.TarInfo(name)
        member.size, member.mode = os.fstat(source.fileno()).st_size, 0o600
        self._tar.addfile(member, reader)
        self.members[name] = Member(size=member.size, sha256=reader.digest())

    def finish(self, manifest: Manifest) -> None:
        """Append the manifest, and end the archive."""
        text = manifest.text()
        member = tarfile.TarInfo(MANIFEST)
        member.size, member.mode = len(text), 0o600
        self._tar.addfile(member, BytesIO(text))
        self._tar.close()


class HashingReader:
    """A file whose bytes are hashed as they are read."""

    def __init__(self, source: IO[bytes]) -> None:
        self._source, self._hash = source, hashlib.sha256()
        self.size = 0

    def read(self, size: int = -1, /) -> bytes:
        """Raises BackupError, so that a bad disk is not taken for that of the archive."""
        try:
            chunk = self._source.read(size)
        except OSError as error:
            raise BackupError(f"{self._source.name} cannot be read: {error.strerror}.") from error
        self._hash.update(chunk)
        self.size += len(chunk)
        return chunk

    def digest(self) -> str:
        return self._hash.hexdigest()


Take = Callable[[str, Iterator[bytes]], None]
"""Gets the name and the content of a member; need not read it to the end."""


def read_archive(source: IO[bytes], take: Take) -> Manifest:
    """Pass each member to `take`, and return the manifest when all of them have matched it.

    Raises BackupError if anything is damaged, missing or unexpected.
    """
    found: dict[str, Member] = {}
    manifest: Manifest | None = None
    try:
        with tarfile.open(fileobj=source, mode="r|") as tar:
            for member in tar:
                content = tar.extractfile(member) if member.isreg() else None
                if content is None or manifest is not None:
                    raise BackupError(f"The archive holds an unexpected member: {member.name}.")
                if member.name == MANIFEST:
                    manifest = Manifest.parse(content.read())
                    continue
                if member.name != DUMP and not is_member(member.name):
                    raise BackupError(f"The archive holds an unexpected member: {member.name}.")
                found[member.name] = _take(member.name, HashingReader(content), take)
    except (tarfile.TarError, EOFError) as error:
        raise BackupError(f"The archive is damaged or incomplete: {error}.") from None
    if manifest is None:
        raise BackupError("The archive is incomplete: it has no manifest.")
    _compare(found, manifest.members)
    return manifest


def is_member(name: str) -> bool:
    return MEMBER.fullmatch(name) is not None


def _take(name: str, reader: HashingReader, take: Take) -> Member:
    chunks = iter(lambda: reader.read(CHUNK_BYTES), b"")
    take(name, chunks)
    for _rest in chunks:
        pass
    return Member(size=reader.size, sha256=reader.digest())


def _compare(found: dict[str, Member], expected: dict[str, Member]) -> None:
    wrong = sorted(
        name for name in found.keys() | expected.keys() if found.get(name) != expected.get(name)
    )
    if wrong:
        raise BackupError(
            f"The archive is damaged: {len(wrong)} members differ from its manifest, "
            f"the first is {wrong[0]}."
        )
    if DUMP not in expected:
        raise BackupError("The archive is incomplete: it has no database.")
