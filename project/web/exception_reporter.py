"""The error page of DEBUG. Django imports this before the apps are loaded."""

from __future__ import annotations

from django.utils.safestring import SafeString
from django.views.debug import ExceptionReporter

from project.database.outage import is_unanswered


class OutageReporter(ExceptionReporter):
    """The error page of DEBUG, but empty for a lost or blocked database.

    That page shows the variables of each frame, and every queryset among them would wait for the
    database again.
    """

    def get_traceback_html(self) -> SafeString:
        return SafeString() if is_unanswered(self.exc_value) else super().get_traceback_html()

    def get_traceback_text(self) -> SafeString:
        return SafeString() if is_unanswered(self.exc_value) else super().get_traceback_text()
