"""OpenDocument spreadsheets (.ods), as LibreOffice writes them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Collection, Iterable, Mapping
from xml.sax.saxutils import escape, quoteattr

MIME_TYPE = "application/vnd.oasis.opendocument.spreadsheet"
NAMESPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for name in ("office", "style", "table", "text")
)
CALC = 'xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
HIDDEN_STYLE = (
    '<style:style style:name="ta2" style:family="table">'
    '<style:table-properties table:display="false" style:writing-mode="lr-tb"/></style:style>'
)


def spreadsheet_of(*rows: Iterable[object], tail: str = "") -> bytes:
    """Returns a spreadsheet with one sheet of these rows; `tail` is XML after them."""
    return spreadsheet({"Sheet1": rows}, tail=tail)


def spreadsheet(
    sheets: Mapping[str, Iterable[Iterable[object]]],
    *,
    hidden: Collection[str] = (),
    tail: str = "",
) -> bytes:
    """Returns a spreadsheet with these sheets. A cell that is a str is text, or XML if it is."""
    tables = "".join(
        _table(name, rows, is_hidden=name in hidden, tail=tail) for name, rows in sheets.items()
    )
    return with_content(
        f"<office:document-content {NAMESPACES} {CALC}>"
        f"<office:automatic-styles>{HIDDEN_STYLE}</office:automatic-styles>"
        f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body>"
        "</office:document-content>"
    )


def with_content(content: str | bytes) -> bytes:
    """Returns a file with this content part."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("mimetype", MIME_TYPE, compress_type=zipfile.ZIP_STORED)
        archive.writestr("content.xml", content)
    return file.getvalue()


def _table(name: str, rows: Iterable[Iterable[object]], *, is_hidden: bool, tail: str) -> str:
    style = "ta2" if is_hidden else "ta1"
    cells = "".join(
        f"<table:table-row>{''.join(map(_cell, row))}</table:table-row>" for row in rows
    )
    return (
        f'<table:table table:name={quoteattr(name)} table:style-name="{style}">{cells}{tail}'
        '<table:table-row table:number-rows-repeated="1048000">'
        '<table:table-cell table:number-columns-repeated="1024"/></table:table-row></table:table>'
    )


def _cell(value: object) -> str:
    if isinstance(value, int | float):
        return (
            f'<table:table-cell office:value-type="float" office:value="{value}">'
            f"<text:p>{value:,}</text:p></table:table-cell>"
        )
    if not value:
        return "<table:table-cell/>"
    text = str(value)
    if text.startswith("<table:"):
        return text
    return (
        '<table:table-cell office:value-type="string" calcext:value-type="string">'
        f"<text:p>{escape(text)}</text:p></table:table-cell>"
    )
