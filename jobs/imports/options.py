"""The options for reading a file. Options that are not set are detected."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
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
    "euc-jp": _("EUC-JP (Japanese)"),
    "euc-kr": _("EUC-KR (Korean)"),
    "windows-1252": _("Windows-1252 (Western Europe)"),
    "windows-1250": _("Windows-1250 (Central Europe)"),
    "windows-1251": _("Windows-1251 (Cyrillic)"),
    "windows-1253": _("Windows-1253 (Greek)"),
    "windows-1254": _("Windows-1254 (Turkish)"),
    "windows-1256": _("Windows-1256 (Arabic)"),
    "windows-1258": _("Windows-1258 (Vietnamese)"),
    "cp874": _("Windows-874 (Thai)"),
    "mac-roman": _("Mac Roman"),
}
SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t"}
SEPARATOR_LABELS = {"comma": _("Comma"), "semicolon": _("Semicolon"), "tab": _("Tab")}
IGNORED = ""
IGNORE = "ignore"  # how requests and commands may write it


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOptions:
    """How to read a file.

    encoding, separator  keys of ENCODINGS and SEPARATORS, or "" to detect
    has_headings         None to detect
    columns              for each column its field or IGNORED; None to detect
    sheet                the name of a sheet of a workbook, or "" to choose one
    """

    encoding: str = ""
    separator: str = ""
    has_headings: bool | None = None
    columns: tuple[str, ...] | None = None
    sheet: str = ""

    def as_json(self) -> dict[str, Any]:
        """Leaves out an empty sheet: older versions of the product refuse an option they do not
        know, and run beside this one during an update.
        """
        stored = asdict(self)
        return stored if self.sheet else {k: v for k, v in stored.items() if k != "sheet"}

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Self:
        known = {one.name: stored[one.name] for one in fields(cls) if one.name in stored}
        columns = stored.get("columns")
        return cls(**{**known, "columns": None if columns is None else tuple(columns)})

    def changes_to(self, current: ReadOptions) -> Self:
        """Returns these options without those that have the current value already.

        A page sends all options with each change.
        """
        return replace(
            self,
            encoding="" if self.encoding == current.encoding else self.encoding,
            separator="" if self.separator == current.separator else self.separator,
            has_headings=None if self.has_headings == current.has_headings else self.has_headings,
            columns=None if self.columns == current.columns else self.columns,
            sheet="" if self.sheet == current.sheet else self.sheet,
        )

    def merged_with(self, changes: ReadOptions) -> ReadOptions:
        """Returns these options with the set values of `changes`.

        Another sheet, encoding, separator or heading row gives other columns, so these are detected
        again unless they are given. Whether another sheet has headings is detected too.
        """
        given = {name: value for name, value in asdict(changes).items() if value not in ("", None)}
        changed = replace(self, **given)
        if changed.sheet != self.sheet:
            changed = replace(changed, has_headings=changes.has_headings)
        is_same_table = replace(changed, columns=self.columns) == self
        return changed if is_same_table else replace(changed, columns=changes.columns)


AUTODETECT = ReadOptions()
