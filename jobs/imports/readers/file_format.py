"""Names the format of a file that is neither CSV nor an Excel workbook.

Pages and OpenDocument spreadsheets are read nevertheless.
"""

from __future__ import annotations

import io
import zipfile

SIGNATURES = (
    (b"%PDF-", "PDF"),
    (b"{\\rtf", "RTF"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x1f\x8b", "gzip"),
    (b"Rar!", "RAR"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
)
MARKUP = (b"<html", b"<!doctype html", b"<table", b"<head", b"<meta", b"<body", b"<style", b"<div")
# The part that each kind of ZIP file has.
PARTS = (
    ("xl/workbook.bin", "Excel Binary (.xlsb)"),
    ("word/document.xml", "Word (.docx)"),
    ("ppt/presentation.xml", "PowerPoint (.pptx)"),
    ("Index/Document.iwa", "Numbers"),
)
HTML = "HTML"
SPREADSHEET = "OpenDocument (.ods)"
OPEN_DOCUMENT = b"application/vnd.oasis.opendocument."


def other_format(content: bytes) -> str:
    """Returns the name of the format; "" if this may be a CSV file or an Excel workbook."""
    found = next((name for mark, name in SIGNATURES if content.startswith(mark)), "")
    return found or _format_of_text(content) or _format_of_archive(content)


def _format_of_text(content: bytes) -> str:
    start = content[:2000].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if start.startswith(b"mime-version:"):
        return "MHTML"
    if start.startswith(MARKUP):
        return HTML
    if start.startswith(b"<?xml"):
        return HTML if any(mark in start for mark in MARKUP) else "XML"
    return "JSON" if start.startswith((b"{", b"[{")) else ""


def _format_of_archive(content: bytes) -> str:
    if not content.startswith(b"PK\x03\x04"):
        return ""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = set(archive.namelist())
    except zipfile.BadZipFile:
        return ""  # a damaged workbook, probably
    if OPEN_DOCUMENT in content[:200]:  # its type is the first entry, and not compressed
        return SPREADSHEET if b"spreadsheet" in content[:200] else "OpenDocument"
    return next((name for part, name in PARTS if part in names), "")
