"""Decodes CSV files: byte order mark first, then UTF-8, then GB18030.

Statistical detection is only used to refuse a file, never to choose an encoding. The whole file is
decoded once as a check, then again piece by piece as rows are read; only the bytes stay in memory.
"""

from __future__ import annotations

import codecs
import io
import re
from dataclasses import dataclass

import charset_normalizer

from jobs.imports.problems import UnreadableFile

BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
CONTROL_CHARACTER = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]")
LINE_END = re.compile(r"\r\n|\r|\n")
HANZI = re.compile(r"[\u3400-\u9fff]")

# Rare hanzi (outside GB 2312) occur in names, but a share this high means another encoding.
SUSPICIOUS_SHARE = 0.25
SAMPLE_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class DecodedText:
    """Bytes that are known to decode without errors."""

    content: bytes
    encoding: str
    mark_bytes: int  # the length of the byte order mark, which is skipped

    def open(self) -> io.TextIOWrapper:
        """Opens the text from its start; line ends are not translated."""
        bytes_ = io.BytesIO(self.content)
        bytes_.seek(self.mark_bytes)
        return io.TextIOWrapper(bytes_, encoding=self.encoding, newline="")


def decode(content: bytes, encoding: str = "") -> DecodedText:
    """Decodes a CSV file with the given encoding, or detects it.

    Raises UnreadableFile if the file is empty, binary, cut off in the middle of a character or in
    another encoding.
    """
    if not content.strip(b"\x00 \t\r\n"):
        raise UnreadableFile("empty")
    mark = next((found for found in BYTE_ORDER_MARKS if content.startswith(found[0])), None)
    mark_bytes = len(mark[0]) if mark and encoding in ("", mark[1]) else 0
    if encoding:
        text = _strictly(content, encoding, skip=mark_bytes, is_chosen=True)
    elif mark:
        encoding = mark[1]
        text = _strictly(content, encoding, skip=mark_bytes)
    else:
        text, encoding = _guessed(content)
    _refuse_unprintable(text, encoding)
    return DecodedText(content, encoding, mark_bytes)


def _refuse_unprintable(text: str, encoding: str) -> None:
    if found := CONTROL_CHARACTER.search(text):
        before = text[: found.start()]
        raise UnreadableFile("binary", row=row_at(before), byte=len(before.encode(encoding)) + 1)
    if not text.strip():
        raise UnreadableFile("empty")


def _guessed(content: bytes) -> tuple[str, str]:
    if 0 in content:
        return _wide_without_mark(content)
    try:
        return content.decode("utf-8"), "utf-8"
    except UnicodeDecodeError as error:
        if error.reason == "unexpected end of data" and not content[: error.start].isascii():
            raise _unreadable(content, error) from None
    text = _strictly(content, "gb18030")
    _refuse_other_encodings(content, text)
    return text, "gb18030"


def _wide_without_mark(content: bytes) -> tuple[str, str]:
    """UTF-16 that lost its mark still shows its separators; anything else with NULs is binary."""
    for encoding in ("utf-16-le", "utf-16-be"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not CONTROL_CHARACTER.search(text) and re.search(r"[\t,;][^\r\n]*[\r\n]", text):
            return text, encoding
    raise UnreadableFile("binary", byte=content.index(0) + 1)


def _strictly(content: bytes, encoding: str, *, skip: int = 0, is_chosen: bool = False) -> str:
    try:
        return str(memoryview(content)[skip:], encoding)
    except UnicodeDecodeError as error:
        raise _unreadable(content, error, skip=skip, is_chosen=is_chosen) from None


def _unreadable(
    content: bytes, error: UnicodeDecodeError, *, skip: int = 0, is_chosen: bool = False
) -> UnreadableFile:
    at = skip + error.start
    row = row_at(content[skip:at].decode(error.encoding, "replace"))
    is_cut = error.end + skip >= len(content) and (
        "end of data" in error.reason or "incomplete" in error.reason or "truncated" in error.reason
    )
    if is_chosen and not is_cut:
        return UnreadableFile("chosen_encoding", row=row, byte=at + 1, encoding=error.encoding)
    return UnreadableFile("cut" if is_cut else "encoding", row=row, byte=at + 1)


def _refuse_other_encodings(content: bytes, text: str) -> None:
    """Nearly any bytes are valid GB18030: Big5 or Latin-1 files would become garbled names."""
    hanzi = HANZI.findall(text)
    rare = sum(not _in_gb2312(character) for character in hanzi)
    if rare <= SUSPICIOUS_SHARE * len(hanzi):
        return
    guesses = [guess.encoding for guess in charset_normalizer.from_bytes(content[:SAMPLE_BYTES])]
    if guesses and "gb18030" not in guesses:
        raise UnreadableFile("other_encoding", encoding=guesses[0])


def _in_gb2312(character: str) -> bool:
    try:
        character.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


def row_at(text_before: str) -> int:
    """Returns the number, from 1, of the row that follows this text."""
    return len(LINE_END.findall(text_before)) + 1
