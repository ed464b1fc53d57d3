"""The reasons why two candidate records are not merged, as messages for the coordinator."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

MESSAGES = {
    "gone": _(
        "One of the two records no longer exists, or you do not have access to it. Somebody may"
        " have merged them already."
    ),
    "elsewhere": _(
        "One of the two records also belongs to a campaign that you do not coordinate. Ask somebody"
        " who coordinates all of its campaigns to merge them."
    ),
    "anonymised": _("One of the two records has been anonymised and cannot be merged."),
    "changed": _(
        "One of the two records has changed since you opened this page. Nothing was merged. Check"
        " both records again."
    ),
    "unconfirmed": _(
        "The interviews of the two records overlap. Nothing was merged. Check both records again,"
        " and give a reason."
    ),
}


class MergeRefused(Exception):
    """The two records were not merged. `code` is a key of MESSAGES."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)

    def __str__(self) -> str:
        return str(MESSAGES[self.code])
