"""Why two entries are not merged, in words for whoever wanted it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

WORDS = {
    "gone": _(
        "One of the two entries is not there any more, or is not yours to see. Perhaps somebody has"
        " merged them meanwhile."
    ),
    "elsewhere": _(
        "One of the two entries belongs to a campaign as well that you do not coordinate. Somebody"
        " who coordinates all campaigns of both can merge them."
    ),
    "anonymised": _("One of the two entries has been anonymised: nobody can say who it was."),
    "changed": _(
        "One of the two entries has changed since you were shown them. Nothing was merged: look at"
        " both again."
    ),
}


class MergeRefused(Exception):
    """The two entries stay as they are."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)

    def __str__(self) -> str:
        return str(WORDS[self.code])
