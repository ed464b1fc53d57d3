"""The reasons why an import is refused, as messages for the coordinator."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

REFUSALS = {
    "expired": gettext_lazy("The file is no longer stored. Upload it again."),
    "vanished": gettext_lazy("The uploaded file is missing on the server. Upload it again."),
    "columns": gettext_lazy("Choose a field for each column first."),
    "no_valid_row": gettext_lazy("No row can be imported."),
    "bad_rows": gettext_lazy("Nothing was imported, because some rows have problems."),
    "busy": gettext_lazy("This import is in use. Try again in a moment."),
    "being_checked": gettext_lazy("The file is still being checked."),
    "not_checked": gettext_lazy("This import has already been started or finished."),
    "not_applied": gettext_lazy("Only a completed import can be undone."),
}


class ImportRefused(Exception):
    """The import's current state does not allow the action. `code` is a key of REFUSALS."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)

    def __str__(self) -> str:
        return str(REFUSALS[self.code])
