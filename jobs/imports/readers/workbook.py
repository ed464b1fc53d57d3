"""Reads the sheets of a workbook, and the rows of one of them, lazily and within bounds.

A workbook is a ZIP file: a small one can expand to fill the memory, or hold any number of empty
rows. openpyxl scans each sheet first and builds objects for all formats and strings. This module
reads the parts only as rows are requested.
"""

from __future__ import annotations

import io
import lzma
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO, Any, cast

from openpyxl.reader.excel import ExcelReader
from openpyxl.styles.numbers import builtin_format_code, is_date_format, is_timedelta_format
from openpyxl.xml.constants import ARC_STYLE, SHARED_STRINGS
from openpyxl.xml.functions import fromstring

from jobs.imports.limits import MAX_ROW_NUMBER
from jobs.imports.problems import UnreadableFile
from jobs.imports.readers.sheet import RowBudgetStream, SharedStrings, SheetReader, tag
from jobs.imports.rows import Sheet, SheetRow

MAX_SHEET_BYTES = 200 * 1024 * 1024
MAX_TEXT_BYTES = 64 * 1024 * 1024
MAX_PART_BYTES = 2 * 1024 * 1024  # manifest, relationships, styles

# The namespace of Strict Open XML, a variant that few programs read.
STRICT = b"http://purl.oclc.org/ooxml/"

DAMAGE_ERRORS = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError,
    RuntimeError,  # a part is encrypted
    SyntaxError,  # broken XML
    KeyError, IndexError, ValueError, TypeError, AttributeError,  # openpyxl does not validate
)  # fmt: skip


class Archive(zipfile.ZipFile):
    """A ZIP file that refuses to open parts larger than a limit.

    `zipfile` never reads more than the size that the entry declares.
    """

    def open(self, name: Any, *args: Any, limit: int = MAX_PART_BYTES, **kwargs: Any) -> IO[bytes]:
        if self.getinfo(name).file_size > limit:
            raise UnreadableFile("workbook_too_big")
        return super().open(name, *args, **kwargs)


def sheets_of(content: bytes) -> list[Sheet]:
    """Returns the sheets that have cells, in their order.

    Raises UnreadableFile if the workbook is damaged.
    """
    try:
        with Archive(io.BytesIO(content)) as archive:
            return [sheet for sheet, _part in _parts_of(_opened(archive))]
    except DAMAGE_ERRORS:
        raise UnreadableFile("workbook") from None


def rows_of(content: bytes, sheet: Sheet) -> Iterator[SheetRow]:
    """Yields the texts of every row of a sheet; rows missing in the sheet are empty.

    Raises UnreadableFile if the workbook is damaged, or far larger than its rows should be.
    """
    try:
        with Archive(io.BytesIO(content)) as archive:
            expected = 1
            for number, row in _numbered_rows(archive, sheet):
                if number < expected:
                    raise UnreadableFile("workbook")
                if number > MAX_ROW_NUMBER:
                    raise UnreadableFile("too_many_empty_rows", limit=MAX_ROW_NUMBER)
                yield from (([], False) for _gap in range(expected, number))
                yield row
                expected = number + 1
    except DAMAGE_ERRORS:
        raise UnreadableFile("workbook") from None


def _opened(archive: Archive) -> ExcelReader:
    books = [name for name in archive.namelist() if name.endswith("workbook.xml")]
    if any(STRICT in archive.read(name) for name in books):
        raise UnreadableFile("strict_workbook")
    book = ExcelReader(cast(IO[bytes], archive.fp), read_only=True, keep_links=False)
    book.archive = archive
    book.read_manifest()
    book.read_workbook()
    return book


def _numbered_rows(archive: Archive, wanted: Sheet) -> Iterator[tuple[int, SheetRow]]:
    book = _opened(archive)
    part = next(part for sheet, part in _parts_of(book) if sheet == wanted)
    package: Any = book.package
    texts = package.find(SHARED_STRINGS)
    with (
        archive.open(part, limit=MAX_SHEET_BYTES) as sheet,
        archive.open(texts.PartName[1:], limit=MAX_TEXT_BYTES) if texts else io.BytesIO() as shared,
    ):
        reader = SheetReader(sheet, SharedStrings(shared), epoch=book.wb.epoch)
        reader.date_formats, reader.timedelta_formats = _date_formats(archive)
        yield from reader.rows(RowBudgetStream(sheet))


def _parts_of(book: ExcelReader) -> list[tuple[Sheet, str]]:
    """Returns the sheets that have cells, each with its part of the archive."""
    there = frozenset(book.valid_files)
    return [
        (Sheet(sheet.name, is_hidden=sheet.state != "visible"), link.target)
        for sheet, link in book.parser.find_sheets()
        if link.target in there and "chartsheet" not in link.Type
    ]


def _date_formats(archive: Archive) -> tuple[set[int], set[int]]:
    """Returns the indexes of styles that show a number as a date, and as a duration."""
    if ARC_STYLE not in archive.namelist():
        return set(), set()
    styles: Any = fromstring(archive.read(ARC_STYLE))
    own = {
        int(one.get("numFmtId")): one.get("formatCode")
        for one in styles.iterfind(f"{tag('numFmts')}/{tag('numFmt')}")
    }
    moments, spans = set(), set()
    for number, style in enumerate(styles.iterfind(f"{tag('cellXfs')}/{tag('xf')}")):
        named = int(style.get("numFmtId", 0))
        code = own.get(named) or builtin_format_code(named)
        moments |= {number} if is_date_format(code) else set()
        spans |= {number} if is_timedelta_format(code) else set()
    return moments, spans
