"""Why an import cannot go on as it stands."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

REFUSALS = {
    "expired": gettext_lazy("The file is no longer kept; please choose it again."),
    "vanished": gettext_lazy("The uploaded file is gone from the disk; please choose it again."),
    "columns": gettext_lazy("Say first what each column means."),
    "no_valid_row": gettext_lazy("No row can be imported."),
    "bad_rows": gettext_lazy("Rows have problems, so nothing was imported, as you chose."),
    "busy": gettext_lazy("Somebody is at this import at the moment; try again in a little while."),
    "being_checked": gettext_lazy("The file is still being checked."),
    "not_checked": gettext_lazy("This import has been decided about already."),
    "not_applied": gettext_lazy("Only an import that was carried out can be taken back."),
}


class ImportRefused(Exception):
    """The import cannot be done in its present state."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)

    def __str__(self) -> str:
        return str(REFUSALS[self.code])
