"""The type of a résumé is detected by its content, not its name."""

from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfWriter

from jobs.applications import file_types
from tests.support.files.documents import EXE, OPEN_XML, PDF, STRICT, doc, docx, zipped

RESUMES = Path(__file__).parents[2] / "cases" / "resumes"


def parts_of(document: bytes) -> dict[str, bytes]:
    with ZipFile(BytesIO(document)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def kind(content: bytes) -> str | None:
    return file_types.kind_of(BytesIO(content))


@pytest.mark.parametrize(
    ("content", "expected"),
    [(PDF, "pdf"), (docx(), "docx"), (doc(), "doc")],
    ids=["pdf", "docx", "doc"],
)
def test_pdf_and_both_word_formats_are_detected(content: bytes, expected: str) -> None:
    assert kind(content) == expected


@pytest.mark.parametrize(
    "before", [b" ", b"\xef\xbb\xbf", b"\r\n\r\n", b"Content-Type: pdf\r\n\r\n", bytes(50)]
)
def test_a_pdf_may_begin_after_other_bytes(before: bytes) -> None:
    """Readers accept the header within the first 1024 bytes."""
    assert kind(before + PDF) == "pdf"
    assert kind(before.ljust(file_types.PDF_HEADER_WITHIN) + PDF) is None


@pytest.mark.parametrize("standard", [OPEN_XML, STRICT])
def test_the_main_part_of_a_document_is_found_by_its_relations(standard: str) -> None:
    assert kind(docx(main="word/document2.xml", standard=standard)) == "docx"
    assert kind(docx(main="docs/resume.xml", standard=standard)) == "docx"


def pdf_with_password(user: str, owner: str, algorithm: str) -> bytes:
    writer = PdfWriter()
    writer.add_blank_page(100, 100)
    writer.encrypt(user_password=user, owner_password=owner, algorithm=algorithm)
    file = BytesIO()
    writer.write(file)
    return file.getvalue()


ALGORITHMS = ["RC4-40", "RC4-128", "AES-128", "AES-256-R5", "AES-256"]


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_pdf_with_a_password_is_named_as_such(algorithm: str) -> None:
    with pytest.raises(file_types.HasPassword):
        kind(pdf_with_password("secret", "secret", algorithm))
    with pytest.raises(file_types.HasPassword):
        kind(b"\xef\xbb\xbf" + pdf_with_password("secret", "secret", algorithm))


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_pdf_that_only_restricts_printing_is_accepted(algorithm: str) -> None:
    """It opens without a password; the restrictions have one."""
    assert kind(pdf_with_password("", "owner", algorithm)) == "pdf"


def test_an_encrypted_pdf_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(file_types.HasPassword):
        kind(PDF + b"trailer<</Encrypt 9 0 R/Root 1 0 R>>")


@pytest.mark.parametrize(
    "content",
    [
        (RESUMES / "resume_password_protected.docx").read_bytes(),
        doc("EncryptedPackage"),
        doc(content=bytes(11) + b"\x01"),
        docx().replace(b"PK\x01\x02\x14\x03\x14\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01"),
    ],
    ids=["docx of the cases", "encrypted package", "old document", "encrypted archive"],
)
def test_a_document_with_a_password_is_named_as_such(content: bytes) -> None:
    with pytest.raises(file_types.HasPassword):
        kind(content)


OTHERS = {
    "empty": b"",
    "only a beginning": b"%PD",
    "a program": EXE,
    "a program with a PDF signature": EXE + PDF,
    "a script with a PDF signature": b"#!/bin/sh\n" + PDF,
    "a PDF without relations": zipped({"[Content_Types].xml": b"<Types/>", "a.pdf": PDF}),
    "a workbook of today": docx(
        main="xl/workbook.xml",
        kind="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
    ),
    "a document that is named a macro document": docx(
        kind="application/vnd.ms-word.document.macroEnabled.main+xml"
    ),
    "a document without its main part": zipped(
        {name: content for name, content in parts_of(docx()).items() if name != "word/document.xml"}
    ),
    "a list of parts that is too long": docx(**{"_rels__.rels": b" " * (file_types.MAX_XML + 1)}),
    "a web page with a PDF signature": b"<html>%PDF-1.7",
    "a ZIP": zipped({"a.txt": b"a"}),
    "a ZIP with a document": zipped({"word/document.xml": b"<w/>"}),
    "a document cut short": docx()[:-20],
    "a document with macros": zipped(parts_of(docx()) | {f"word/{file_types.MACROS}": b"x"}),
    "a workbook": doc("Workbook"),
    "an old document cut short": doc()[:600],
}


@pytest.mark.parametrize("name", OTHERS)
def test_other_content_is_no_resume(name: str) -> None:
    assert kind(OTHERS[name]) is None


def test_a_zip_bomb_is_not_unpacked() -> None:
    """Thirty megabytes of zeros compress to thirty kilobytes; they are never unpacked."""
    content = docx(word__media=bytes(30_000_000))
    assert len(content) < 60_000
    assert kind(content) == "docx"


def test_a_zip_archive_with_too_many_entries_is_refused() -> None:
    bomb = zipped({f"{number}": b"" for number in range(3_000)} | {"word/document.xml": b""})
    assert kind(bomb) is None


@settings(max_examples=40)
@given(st.binary(max_size=600), st.sampled_from([b"", b"PK\x03\x04", doc()[:512], docx()[:40]]))
def test_any_bytes_are_classified_without_an_error(content: bytes, beginning: bytes) -> None:
    whole = beginning + content
    assert kind(whole) in (None, file_types.Kind.PDF)
