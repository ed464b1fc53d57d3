"""Labels of actions, history events, flags and scores, in the reader's language."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.formats import date_format
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from interview.models import Criterion, RoundTemplate

CANDIDATE_SOURCE = "candidate"
"""`InterviewEvent.source` of changes that candidates make on their own status page."""

ACTIONS = {
    "confirm": _("Confirm"),
    "excuse": _("Candidate cannot come"),
    "check-in": _("Check in"),
    "report-missing": _("Interviewer is missing"),
    "start": _("Start interview"),
    "finish": _("Finish interview"),
    "no-show": _("Confirm no-show"),
    "cancel": _("Cancel interview"),
    "reschedule": _("Reschedule"),
    "offer-times": _("Offer other times"),
    "reassign": _("Change interviewers"),
    "accept": _("Accept"),
    "decline": _("Decline"),
    "running-late": _("I will be late"),
    "not-attended": _("I did not attend"),
    "undo": _("Undo"),
}
EVENTS = {
    "create": _("Scheduled"),
    "confirm": _("Confirmed"),
    "excuse": _("Candidate cannot come"),
    "check-in": _("Candidate checked in"),
    "report-missing": _("Interviewer reported missing"),
    "start": _("Interview started"),
    "finish": _("Interview finished"),
    "complete": _("All scorecards are in"),
    "no-show": _("No-show confirmed"),
    "cancel": _("Cancelled"),
    "reschedule": _("Rescheduled"),
    "shift": _("Rescheduled with its room"),
    "offer-times": _("Other times offered"),
    "reassign": _("Interviewers changed"),
    "accept": _("Interviewer accepted"),
    "decline": _("Interviewer declined"),
    "running-late": _("Interviewer announced a delay"),
    "not-attended": _("Interviewer did not attend"),
    "merge": _("Candidate records merged"),
    "new-place": _("Room or link changed"),
    "undo": _("Last change undone"),
}
FLAGS = {
    "late": _("Late"),
    "overrun": _("Over time"),
    "interviewer_missing": _("Interviewer missing"),
    "candidate_missing": _("Candidate missing"),
    "feedback_overdue": _("Scorecard overdue"),
    "unconfirmed": _("Not confirmed"),
    "declined": _("Declined"),
    "clash": _("Clash"),
    "excused": _("Cannot come"),
}
BANDS = {
    1: _("Far below"),
    2: _("Below"),
    3: _("Meets"),
    4: _("Above"),
    5: _("Far above"),
}
"""Meaning of the scores 1 to 5, relative to the job's requirements."""


def actor_label(source: str) -> str:
    """The label of a change's author without an account; "" for the system itself."""
    return gettext("The candidate") if source == CANDIDATE_SOURCE else ""


def localized_name(named: Criterion | RoundTemplate) -> str:
    """The name of a round or criterion in the reader's language."""
    is_chinese = (get_language() or "").startswith("zh")
    return named.name if is_chinese else named.name_en or named.name


def short_date_time(moment: datetime) -> str:
    """Day and time in the reader's format and the moment's own time zone."""
    return f"{date_format(moment, 'MONTH_DAY_FORMAT')} {date_format(moment, 'H:i')}"
