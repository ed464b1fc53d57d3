"""What kind of file a résumé is, by its content: what it is called says nothing."""

from __future__ import annotations

from typing import IO
from zipfile import BadZipFile, ZipFile

import olefile

from jobs.applications.models import Resume

Kind = Resume.Kind
PDF, ZIP = b"%PDF-", b"PK\x03\x04"
ENTRY = b"PK\x01\x02"  # begins each line of a ZIP file's list of contents
DOCUMENT = {"[Content_Types].xml", "word/document.xml"}
MACROS = "word/vbaProject.bin"
ENTRIES_AT_MOST = 2_000  # a document with two hundred pictures has some three hundred


def kind_of(file: IO[bytes]) -> Resume.Kind | None:
    """PDF or Word, or None for anything else. Nothing in the file is unpacked.

    Answers None as well for what would be costly to look into, and for a document with macros.
    """
    file.seek(0)
    beginning = file.read(len(olefile.MAGIC))
    file.seek(0)
    if beginning.startswith(PDF):
        return Kind.PDF
    if beginning.startswith(ZIP):
        return Kind.DOCX if _is_document(file) else None
    if beginning == olefile.MAGIC:
        return Kind.DOC if _is_old_document(file) else None
    return None


def _is_document(file: IO[bytes]) -> bool:
    """Only the list of contents is read: what unpacks to terabytes costs what it weighs."""
    content = file.read()
    if content.count(ENTRY) > ENTRIES_AT_MOST:
        return False
    try:
        with ZipFile(file) as archive:
            names = set(archive.namelist())
    except (BadZipFile, ValueError, NotImplementedError, OSError):
        return False
    return names >= DOCUMENT and MACROS not in names


def _is_old_document(file: IO[bytes]) -> bool:
    try:
        with olefile.OleFileIO(file) as parts:
            return bool(parts.exists("WordDocument")) and not parts.exists("Macros")
    except (OSError, ValueError, IndexError, TypeError):  # whatever a damaged one makes of it
        return False
