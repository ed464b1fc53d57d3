"""Decides whether the private page of an application belongs to the candidate on record.

Anybody may apply with a mobile number that they know: the application is then linked to the
candidate with that number, and its private link goes to the address that was entered.
"""

from __future__ import annotations

from jobs.models import Application
from jobs.models.submissions import submission_of


def is_page_of_candidate(application: Application) -> bool:
    """Returns whether the private link goes to the candidate's own e-mail address."""
    submission = submission_of(application)
    entered = str(submission.entries.get("email") or "") if submission else ""
    on_record = application.candidate.email
    return bool(on_record) and (entered or on_record).casefold() == on_record.casefold()
