"""Decides whether the private page of an application belongs to the candidate on record.

Its link goes to the address that was confirmed when the person applied. Another address than the
one on record means another person, or a record that was corrected or merged since: earlier versions
linked anybody who applied with the mobile number of a candidate.
"""

from __future__ import annotations

from jobs.models import Application
from jobs.models.submissions import submission_of


def address_of_page(application: Application) -> str:
    """Returns the e-mail address that has the private link, in lower case; "" if there is none."""
    submission = submission_of(application)
    entered = str(submission.entries.get("email") or "") if submission else ""
    return (entered or application.candidate.email).lower()


def is_page_of_candidate(application: Application) -> bool:
    """Returns whether the private link goes to the candidate's own e-mail address."""
    on_record = application.candidate.email.lower()
    return bool(on_record) and address_of_page(application) == on_record
