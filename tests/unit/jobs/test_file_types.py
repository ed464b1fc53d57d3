"""The type of a résumé is detected by its content, not its name."""

from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.applications import file_types
from tests.support.files.documents import EXE, PDF, doc, docx, zipped


def kind(content: bytes) -> str | None:
    return file_types.kind_of(BytesIO(content))


@pytest.mark.parametrize(
    ("content", "expected"),
    [(PDF, "pdf"), (docx(), "docx"), (doc(), "doc")],
    ids=["pdf", "docx", "doc"],
)
def test_pdf_and_both_word_formats_are_detected(content: bytes, expected: str) -> None:
    assert kind(content) == expected


OTHERS = {
    "empty": b"",
    "only a beginning": b"%PD",
    "a program": EXE,
    "a PDF after a blank": b" " + PDF,
    "a web page with a PDF signature": b"<html>%PDF-1.7",
    "a ZIP": zipped({"a.txt": b"a"}),
    "a ZIP with a document": zipped({"word/document.xml": b"<w/>"}),
    "a document cut short": docx()[:-20],
    "a document with macros": zipped(
        {"[Content_Types].xml": b"", "word/document.xml": b"", file_types.MACROS: b"x"}
    ),
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
    assert kind(whole) == (file_types.Kind.PDF if whole.startswith(PDF[:5]) else None)
