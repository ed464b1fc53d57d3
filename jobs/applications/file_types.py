"""Detects the type of a résumé file by its content; the file name is ignored."""

from __future__ import annotations

import logging
import posixpath
import re
from collections.abc import Iterator
from typing import IO
from xml.etree.ElementTree import Element, ParseError, fromstring
from zipfile import BadZipFile, ZipFile

import olefile

from jobs.models.submissions import Resume

logger = logging.getLogger(__name__)

Kind = Resume.Kind
PDF, ZIP = b"%PDF-", b"PK\x03\x04"
PDF_HEADER_WITHIN = 1024  # bytes; readers accept what mail programs and web servers put before it
NOT_BEFORE_PDF = (b"<", b"MZ", b"\x7fELF", b"#!")  # a web page or a program that names itself a PDF
ENCRYPTED_PDF = re.compile(rb"/Encrypt\s*(?:<<|\d+\s+\d+\s+R)")
ENTRY = b"PK\x01\x02"  # starts each entry of a ZIP file's central directory
MAX_ENTRIES = 2_000  # a document with 200 pictures has about 300
MAX_XML = 256 * 1024  # bytes of a list of parts, unpacked; a large document has 10 KB
ENCRYPTED_ENTRY = 0x1  # flag of a ZIP entry
MAIN_PART = "/officeDocument"  # end of the relationship's type, in both variants of the standard
WORD_TYPE = "wordprocessingml.document.main+xml"  # end of the main part's content type
MACROS = "vbaProject.bin"
ENCRYPTED_OFFICE = "EncryptedPackage"  # MS-OFFCRYPTO: the only content of an encrypted document
FIB_FLAGS, FIB_ENCRYPTED = 10, 0x1  # MS-DOC, FibBase: offset of the second flag byte is 11


class HasPassword(Exception):
    """The file can be opened only with a password."""


def kind_of(file: IO[bytes]) -> Resume.Kind | None:
    """Returns the type of a PDF or Word file, or None for anything else.

    Also returns None for documents with macros and for ZIP files with too many entries. Of a
    document only the lists of its parts are unpacked. Raises HasPassword.
    """
    file.seek(0)
    beginning = file.read(PDF_HEADER_WITHIN)
    file.seek(0)
    if beginning.startswith(ZIP):
        return Kind.DOCX if _is_document(file) else None
    if beginning.startswith(olefile.MAGIC):
        return Kind.DOC if _is_old_document(file) else None
    return Kind.PDF if _is_pdf(file, beginning) else None


def _is_pdf(file: IO[bytes], beginning: bytes) -> bool:
    before, header, _rest = beginning.partition(PDF)
    if not header or b"<" in before or before.startswith(NOT_BEFORE_PDF):
        return False
    if ENCRYPTED_PDF.search(file.read()) and not _opens_without_password(file):
        raise HasPassword
    return True


def _opens_without_password(file: IO[bytes]) -> bool:
    """True for a PDF that only restricts printing or copying, as many programs write them.

    `pypdf` is imported with the first encrypted file: it is slow to load.
    """
    from pypdf import PdfReader

    file.seek(0)
    try:
        reader = PdfReader(file)
        return not reader.is_encrypted or bool(reader.decrypt(""))
    except Exception as error:  # a damaged file, or a certificate instead of a password
        logger.info(
            "An encrypted PDF cannot be opened",
            extra={"action": "pdf_not_opened", "error": type(error).__name__},
        )
        return False


def _is_document(file: IO[bytes]) -> bool:
    """Reads the central directory and two small parts; a ZIP bomb costs no more than its size."""
    content = file.read()
    if content.count(ENTRY) > MAX_ENTRIES:
        return False
    try:
        with ZipFile(file) as archive:
            if any(entry.flag_bits & ENCRYPTED_ENTRY for entry in archive.infolist()):
                raise HasPassword
            names = archive.namelist()
            has_macros = any(posixpath.basename(name) == MACROS for name in names)
            return not has_macros and _main_part(archive) in names
    except (BadZipFile, ValueError, NotImplementedError, OSError, EOFError, KeyError, ParseError):
        return False


def _main_part(archive: ZipFile) -> str:
    """Returns the name of the main part, by the relations of the document and the type of the part.

    Usually "word/document.xml"; some programs write "word/document2.xml". Returns "" for a workbook
    or presentation, and raises KeyError if a list is missing.
    """
    relations = _elements(archive, "_rels/.rels", "Relationship")
    targets = [one.get("Target", "") for one in relations if _ends(one, "Type", MAIN_PART)]
    types = list(_elements(archive, "[Content_Types].xml", "Override"))
    types += _elements(archive, "[Content_Types].xml", "Default")
    for target in targets:
        part = posixpath.normpath(target.lstrip("/"))
        own = (f"/{part}", part.rpartition(".")[2])
        found = [one for one in types if (one.get("PartName") or one.get("Extension")) in own]
        if found and _ends(found[0], "ContentType", WORD_TYPE):
            return part
    return ""


def _ends(element: Element, attribute: str, end: str) -> bool:
    return element.get(attribute, "").endswith(end)


def _elements(archive: ZipFile, part: str, tag: str) -> Iterator[Element]:
    """Yields the elements with this local name. Raises ValueError for a list that is too long."""
    with archive.open(part) as packed:
        text = packed.read(MAX_XML + 1)
    if len(text) > MAX_XML:
        raise ValueError(part)
    root = fromstring(text)  # noqa: S314 see readers.sheet
    yield from (one for one in root if one.tag.rpartition("}")[2] == tag)


def _is_old_document(file: IO[bytes]) -> bool:
    """Raises HasPassword, also for a newer document: encrypted, it is in the old container."""
    try:
        with olefile.OleFileIO(file) as parts:
            if parts.exists(ENCRYPTED_OFFICE):
                raise HasPassword
            if not parts.exists("WordDocument") or parts.exists("Macros"):
                return False
            header = parts.openstream("WordDocument").read(FIB_FLAGS + 2)
    except (OSError, ValueError, IndexError, TypeError):  # olefile raises these for damaged files
        return False
    if len(header) == FIB_FLAGS + 2 and header[FIB_FLAGS + 1] & FIB_ENCRYPTED:
        raise HasPassword
    return True
