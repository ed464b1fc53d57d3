"""Decodes CSV files: byte order mark first, then UTF-8, then GB18030.

Statistical detection is only used to refuse a file, never to choose an encoding. The whole file is
decoded once as a check, then again piece by piece as rows are read; only the bytes stay in memory.
"""

from __future__ import annotations

import codecs
import io
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass

import charset_normalizer

from jobs.imports.options import ENCODINGS
from jobs.imports.problems import UnreadableFile
from jobs.imports.readers.chinese import is_chinese, likely_encoding, may_be_chinese

# The keys in ENCODINGS, also of codecs that differ in few characters.
KEYS_BY_CODEC = {
    **dict.fromkeys(("big5hkscs", "cp950"), "big5"),
    **dict.fromkeys(("cp932", "shift_jis_2004", "shift_jisx0213"), "shift-jis"),
    **dict.fromkeys(("euc_jis_2004", "euc_jisx0213"), "euc-jp"),
    **dict.fromkeys(("cp949", "johab"), "euc-kr"),
    **dict.fromkeys(("iso8859-1", "iso8859-15", "iso8859-9"), "windows-1252"),
    "iso8859-2": "windows-1250",
    **{codecs.lookup(key).name: key for key in ENCODINGS},
}
LAST_OF_TWO_BYTES, LAST_OF_BASIC_PLANE = "\u07ff", "\uffff"  # in UTF-8; of Unicode
CYRILLIC = frozenset(map(chr, range(0x400, 0x500)))  # hardly ever what Chinese bytes are by chance
CELL_END = re.compile(rb"[,;\t\r\n\"]+")
BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
CONTROL_CHARACTER = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]")
LINE_END = re.compile(r"\r\n|\r|\n")
HANZI = re.compile(r"[\u3400-\u9fff]")

# A hanzi inside a Latin word, such as M黮ler, was an accented letter in another encoding. If most
# are, the file is not Chinese; in a Chinese one a few may be: Java与python.
INSIDE_A_WORD = re.compile(r"(?<=[A-Za-z])[\u3400-\u9fff](?=[a-z])")
PRIVATE_USE = re.compile(r"[\ue000-\uf8ff]")  # what GB18030 has no character for
# The lead bytes of Korean syllables are the first half of those of common hanzi.
LAST_KOREAN_LEAD_BYTE = 0xC8
KOREAN_SYLLABLES = 12  # so many in a row are no coincidence

# Rare hanzi (outside GB 2312) occur in names, but a share this high means another encoding.
SUSPICIOUS_SHARE = 0.25
SAMPLE_BYTES = 64 * 1024
FOREIGN_BYTES = "surrogateescape"  # keeps bytes that are not UTF-8, for `is_undecoded`
UNDECODED = re.compile(r"[\udc80-\udcff]")


@dataclass(frozen=True, slots=True)
class DecodedText:
    """Bytes that are known to decode without errors, except in single lines of a UTF-8 file."""

    content: bytes
    encoding: str
    mark_bytes: int  # the length of the byte order mark, which is skipped

    def open(self) -> io.TextIOWrapper:
        """Opens the text from its start; line ends are not translated."""
        bytes_ = io.BytesIO(self.content)
        bytes_.seek(self.mark_bytes)
        errors = _errors_in(self.encoding)
        return io.TextIOWrapper(bytes_, encoding=self.encoding, errors=errors, newline="")


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
        text = _decoded(content, encoding, skip=mark_bytes, is_chosen=True)
    elif mark:
        encoding = mark[1]
        text = _decoded(content, encoding, skip=mark_bytes)
    else:
        text, encoding = _guessed(content)
    _refuse_unprintable(text, encoding)
    return DecodedText(content, encoding, mark_bytes)


def is_undecoded(cell: str) -> bool:
    """True for a cell with bytes that are not in the encoding of the rest of the file."""
    return UNDECODED.search(cell) is not None


def printable(cell: str) -> str:
    """Returns the cell with a replacement character for each byte that was not decoded."""
    return UNDECODED.sub("\ufffd", cell)


def _is_utf8_but_for_lines(content: bytes) -> bool:
    """True if single lines are not UTF-8, but most lines with more than ASCII are.

    They were pasted in an editor that does not know encodings.
    """
    lines = [line for line in content.splitlines() if not line.isascii()]
    foreign = sum(is_undecoded(line.decode("utf-8", FOREIGN_BYTES)) for line in lines)
    return foreign < len(lines) - foreign


def _errors_in(encoding: str) -> str:
    """The error handler: only UTF-8 files may have foreign lines, which `parse_row` reports."""
    return FOREIGN_BYTES if encoding == "utf-8" else "strict"


def _refuse_unprintable(text: str, encoding: str) -> None:
    if found := CONTROL_CHARACTER.search(text):
        before = text[: found.start()]
        octets = before.encode(encoding, _errors_in(encoding))
        raise UnreadableFile("binary", row=row_at(before), byte=len(octets) + 1)
    if not text.strip():
        raise UnreadableFile("empty")


def _guessed(content: bytes) -> tuple[str, str]:
    if 0 in content:
        return _wide_without_mark(content)
    try:
        text = _decoded(content, "utf-8")
    except UnreadableFile as error:
        problem = error.problem
        if problem.code == "cut" and not content[: problem.params["byte"] - 1].isascii():
            raise
    else:
        if _is_utf8_by_chance(content, text):
            raise UnreadableFile("unclear_encoding")
        return text, "utf-8"
    text = _decoded(content, "gb18030")
    _refuse_other_encodings(content, text)
    return text, "gb18030"


def _is_utf8_by_chance(content: bytes, text: str) -> bool:
    """True if few bytes are valid UTF-8 too: 郑伟 in GB18030 is ֣ΰ in UTF-8."""
    letters = {one for one in text if not one.isascii()}
    if any(unicodedata.category(one) == "Cn" for one in letters if one < LAST_OF_BASIC_PLANE):
        return True
    if not letters or max(letters) > LAST_OF_TWO_BYTES or CYRILLIC.issuperset(letters):
        return False
    try:
        return may_be_chinese(content.decode("gb18030"))
    except UnicodeDecodeError:
        return False


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


def _decoded(content: bytes, encoding: str, *, skip: int = 0, is_chosen: bool = False) -> str:
    try:
        return str(memoryview(content)[skip:], encoding)
    except UnicodeDecodeError as error:
        problem = _unreadable(content, error, skip=skip, is_chosen=is_chosen)
        if (
            encoding == "utf-8"
            and problem.problem.code != "cut"
            and _is_utf8_but_for_lines(content)
        ):
            return content[skip:].decode(encoding, FOREIGN_BYTES)
        raise problem from None


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
    """Nearly any bytes are valid GB18030: files in other encodings would become garbled names."""
    hanzi = HANZI.findall(text)
    inside_words = len(INSIDE_A_WORD.findall(text))
    if PRIVATE_USE.search(text) or (inside_words and 2 * inside_words >= len(hanzi)):
        raise _other_encoding(_most_likely(content) or _likely(content) or "windows-1252")
    if _is_korean(hanzi):
        raise _other_encoding("euc-kr")
    rare = sum(not _in_gb2312(character) for character in hanzi)
    if rare > SUSPICIOUS_SHARE * len(hanzi) and (likely := _likely(content)):
        raise _other_encoding(_most_likely(content) or likely)
    if not is_chinese(text):
        raise _other_encoding(_most_likely(content))


def _other_encoding(encoding: str) -> UnreadableFile:
    """Names only an encoding that people can choose."""
    if encoding not in ENCODINGS:
        return UnreadableFile("unclear_encoding")
    return UnreadableFile("other_encoding", encoding=str(ENCODINGS[encoding]))


def _most_likely(content: bytes) -> str:
    """Returns the encoding in which most cells with more than ASCII are names, or ""."""
    cells = [cell.strip() for cell in CELL_END.split(content[:SAMPLE_BYTES]) if not cell.isascii()]
    found = Counter(filter(None, map(likely_encoding, cells)))
    encoding, count = found.most_common(1)[0] if found else ("", 0)
    return encoding if 2 * count >= len(cells) else ""


def _likely(content: bytes) -> str:
    """Returns the key in ENCODINGS that statistics find most likely.

    Returns "" if GB18030 is among them; a name that is no key if nobody can choose it.
    """
    guesses = [guess.encoding for guess in charset_normalizer.from_bytes(content[:SAMPLE_BYTES])]
    if not guesses or "gb18030" in guesses:
        return ""
    return KEYS_BY_CODEC.get(codecs.lookup(guesses[0]).name, guesses[0])


def _is_korean(hanzi: list[str]) -> bool:
    """True if all characters have codes that Korean syllables have in EUC-KR."""
    return len(hanzi) >= KOREAN_SYLLABLES and all(
        _in_gb2312(one) and one.encode("gb2312")[0] <= LAST_KOREAN_LEAD_BYTE for one in hanzi
    )


def _in_gb2312(character: str) -> bool:
    try:
        character.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


def row_at(text_before: str) -> int:
    """Returns the number, from 1, of the row that follows this text."""
    return len(LINE_END.findall(text_before)) + 1
