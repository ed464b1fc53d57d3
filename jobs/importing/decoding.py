"""Bytes to text, in a strict order: byte order mark, UTF-8, GB18030. A guess may only refuse."""

from __future__ import annotations

import codecs
import re

import charset_normalizer

from jobs.importing.problems import UnreadableFile

BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
CONTROL_CHARACTER = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]")
LINE_END = re.compile(r"\r\n|\r|\n")
HANZI = re.compile(r"[\u3400-\u9fff]")

# Names with hanzi outside of GB 2312 exist, but so many of them speak for another encoding.
SUSPICIOUS_SHARE = 0.25
SAMPLE_BYTES = 64 * 1024


def decode(content: bytes) -> str:
    """The text of a CSV file.

    Raises UnreadableFile for a file that is empty, binary, cut in the middle of a character or in
    an encoding that is not among UTF-8, UTF-16 and GB18030.
    """
    if not content.strip(b"\x00 \t\r\n"):
        raise UnreadableFile("empty")
    text, encoding = _decoded(content)
    if found := CONTROL_CHARACTER.search(text):
        before = text[: found.start()]
        raise UnreadableFile("binary", row=row_at(before), byte=len(before.encode(encoding)) + 1)
    if not text.strip():
        raise UnreadableFile("empty")
    return text


def _decoded(content: bytes) -> tuple[str, str]:
    for mark, encoding in BYTE_ORDER_MARKS:
        if content.startswith(mark):
            return _strictly(content, encoding, skip=len(mark)), encoding
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


def _strictly(content: bytes, encoding: str, *, skip: int = 0) -> str:
    try:
        return content[skip:].decode(encoding)
    except UnicodeDecodeError as error:
        raise _unreadable(content, error, skip=skip) from None


def _unreadable(content: bytes, error: UnicodeDecodeError, *, skip: int = 0) -> UnreadableFile:
    at = skip + error.start
    row = row_at(content[skip:at].decode(error.encoding, "replace"))
    is_cut = error.end + skip >= len(content) and (
        "end of data" in error.reason or "incomplete" in error.reason or "truncated" in error.reason
    )
    return UnreadableFile("cut" if is_cut else "encoding", row=row, byte=at + 1)


def _refuse_other_encodings(content: bytes, text: str) -> None:
    """GB18030 reads nearly any bytes as hanzi: Big5 or Latin-1 would become nonsense names."""
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
    """The row, from 1, in which the text after this beginning lies."""
    return len(LINE_END.findall(text_before)) + 1
