"""The options for reading a file. Options that are not set are detected."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any, Self

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

ENCODINGS: dict[str, str | Promise] = {
    "utf-8": "UTF-8",
    "gb18030": "GB18030 (GBK, GB2312)",
    "utf-16-le": _("UTF-16, little endian"),
    "utf-16-be": _("UTF-16, big endian"),
    # These are never detected: nearly all of their bytes are valid GB18030.
    "big5": _("Big5 (traditional Chinese)"),
    "shift-jis": _("Shift-JIS (Japanese)"),
    "euc-kr": _("EUC-KR (Korean)"),
    "windows-1252": _("Windows-1252 (Western Europe)"),
    "windows-1250": _("Windows-1250 (Central Europe)"),
}
SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t"}
SEPARATOR_LABELS = {"comma": _("Comma"), "semicolon": _("Semicolon"), "tab": _("Tab")}
IGNORED = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOptions:
    """How to read a file.

    encoding, separator  keys of ENCODINGS and SEPARATORS, or "" to detect
    has_headings         None to detect
    columns              for each column its field or IGNORED; None to detect
    """

    encoding: str = ""
    separator: str = ""
    has_headings: bool | None = None
    columns: tuple[str, ...] | None = None

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Self:
        columns = stored.get("columns")
        return cls(**{**stored, "columns": None if columns is None else tuple(columns)})

    def merged_with(self, changes: ReadOptions) -> ReadOptions:
        """Returns these options with the set values of `changes`.

        Another encoding, separator or heading row gives other columns, so these are detected again
        unless they are given.
        """
        given = {name: value for name, value in asdict(changes).items() if value not in ("", None)}
        changed = replace(self, **given)
        is_other_table = (changed.encoding, changed.separator, changed.has_headings) != (
            self.encoding,
            self.separator,
            self.has_headings,
        )
        if is_other_table and changes.columns is None:
            changed = replace(changed, columns=None)
        return changed


AUTODETECT = ReadOptions()
