"""Detects the type of a résumé file by its content; the file name is ignored."""

from __future__ import annotations

from typing import IO
from zipfile import BadZipFile, ZipFile

import olefile

from jobs.models.submissions import Resume

Kind = Resume.Kind
PDF, ZIP = b"%PDF-", b"PK\x03\x04"
ENTRY = b"PK\x01\x02"  # starts each entry of a ZIP file's central directory
DOCUMENT = {"[Content_Types].xml", "word/document.xml"}
MACROS = "word/vbaProject.bin"
MAX_ENTRIES = 2_000  # a document with 200 pictures has about 300


def kind_of(file: IO[bytes]) -> Resume.Kind | None:
    """Returns the type of a PDF or Word file, or None for anything else.

    Also returns None for documents with macros and for ZIP files with too many entries. Nothing in
    the file is unpacked.
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
    """Reads only the central directory, so a ZIP bomb costs no more than its own size."""
    content = file.read()
    if content.count(ENTRY) > MAX_ENTRIES:
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
    except (OSError, ValueError, IndexError, TypeError):  # olefile raises these for damaged files
        return False
