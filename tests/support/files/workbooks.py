"""Workbooks, including some that no spreadsheet program would write."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping

import openpyxl
from openpyxl.xml.constants import SHARED_STRINGS

SHEET = "xl/worksheets/sheet1.xml"
STYLES = "xl/styles.xml"
CONTENTS = "[Content_Types].xml"
TEXTS = "xl/sharedStrings.xml"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def workbook_of(*rows: Iterable[object]) -> bytes:
    """Returns an ordinary workbook with these rows."""
    book, content = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(content)
    return content.getvalue()


def with_parts(content: bytes, parts: Mapping[str, bytes]) -> bytes:
    """Returns the workbook with these parts replaced or added."""
    result = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as source,
        zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
    ):
        all_parts = {name: source.read(name) for name in source.namelist()} | parts
        for name, part in all_parts.items():
            archive.writestr(name, part)
    return result.getvalue()


def with_sheet(rows: bytes, *, before: bytes = b"") -> bytes:
    """Returns a workbook whose sheet has this XML, and no dimension."""
    sheet = b'<worksheet xmlns="%s">%s<sheetData>%s</sheetData></worksheet>'
    return with_parts(workbook_of(["a"]), {SHEET: sheet % (MAIN.encode(), before, rows)})


def with_texts(rows: bytes, entries: bytes) -> bytes:
    """Returns a workbook whose cells refer to shared strings, as Excel writes them."""
    content = with_sheet(rows)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        contents = archive.read(CONTENTS)
    entry = f'<Override PartName="/{TEXTS}" ContentType="{SHARED_STRINGS}"/></Types>'
    parts = {
        CONTENTS: contents.replace(b"</Types>", entry.encode()),
        TEXTS: b'<sst xmlns="%s">%s</sst>' % (MAIN.encode(), entries),
    }
    return with_parts(content, parts)


def text_row(*texts: str) -> bytes:
    cells = "".join(f'<c t="inlineStr"><is><t>{text}</t></is></c>' for text in texts)
    return f"<row>{cells}</row>".encode()
