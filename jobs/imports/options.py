"""How a file is to be read: what somebody chose; what is left open is guessed."""

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
    "big5": "Big5",  # never guessed: GB18030 reads nearly all of it as other hanzi
}
SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t"}
SEPARATOR_LABELS = {"comma": _("Comma"), "semicolon": _("Semicolon"), "tab": _("Tab")}
IGNORED = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOptions:
    """Keys of ENCODINGS and SEPARATORS, or "" to guess; for each column its field or IGNORED."""

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

    def merged_with(self, asked: ReadOptions) -> ReadOptions:
        """With what was asked for in place of what was there.

        Other separators or headings make other columns: those are guessed again unless given.
        """
        given = {name: value for name, value in asdict(asked).items() if value not in ("", None)}
        changed = replace(self, **given)
        is_other_table = (changed.encoding, changed.separator, changed.has_headings) != (
            self.encoding,
            self.separator,
            self.has_headings,
        )
        if is_other_table and asked.columns is None:
            changed = replace(changed, columns=None)
        return changed


AUTODETECT = ReadOptions()
