"""Interview statuses, the sets that the rules use, and the state machine.

Every set of statuses is defined here once. Rules, services, pages and scripts use these names.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Status(models.TextChoices):
    SCHEDULED = "scheduled", _("Scheduled")
    CONFIRMED = "confirmed", _("Confirmed")
    ARRIVED = "arrived", _("Arrived")
    IN_PROGRESS = "in_progress", _("In progress")
    FEEDBACK_DUE = "feedback_due", _("Feedback due")
    COMPLETED = "completed", _("Completed")
    CANCELLED = "cancelled", _("Cancelled")
    NO_SHOW = "no_show", _("No-show")


class Side(models.TextChoices):
    CANDIDATE = "candidate", _("Candidate")
    INTERVIEWER = "interviewer", _("Interviewer")
    COMPANY = "company", _("Company")


NOT_ARRIVED = frozenset({Status.SCHEDULED, Status.CONFIRMED})
"""The candidate has not checked in."""

WAITING = NOT_ARRIVED | {Status.ARRIVED}
"""The interview has not started."""

ACTIVE = WAITING | {Status.IN_PROGRESS}
"""The interview still needs its room and interviewers."""

NOT_TAKING_PLACE = frozenset({Status.CANCELLED, Status.NO_SHOW})
"""The interview did not and will not take place; it occupies neither room nor interviewers."""

ENDED = NOT_TAKING_PLACE | {Status.COMPLETED}
"""Final statuses; nothing more is expected of anybody."""

SCORABLE = frozenset({Status.ARRIVED, Status.IN_PROGRESS, Status.FEEDBACK_DUE, Status.COMPLETED})
"""Interviewers can write scorecards."""

TRANSITIONS: dict[str, tuple[frozenset[Status], Status | None]] = {
    "confirm": (frozenset({Status.SCHEDULED}), Status.CONFIRMED),
    "excuse": (NOT_ARRIVED, Status.SCHEDULED),
    "check-in": (NOT_ARRIVED, Status.ARRIVED),
    "report-missing": (frozenset({Status.ARRIVED}), None),
    "start": (WAITING, Status.IN_PROGRESS),
    "finish": (frozenset({Status.IN_PROGRESS}), Status.FEEDBACK_DUE),
    "not-attended": (frozenset({Status.FEEDBACK_DUE}), None),
    "complete": (frozenset({Status.FEEDBACK_DUE}), Status.COMPLETED),
    "no-show": (WAITING, Status.NO_SHOW),
    "cancel": (WAITING, Status.CANCELLED),
    "reschedule": (WAITING, None),
    "offer-times": (NOT_ARRIVED, None),
    "reassign": (WAITING | {Status.IN_PROGRESS, Status.FEEDBACK_DUE}, None),
    "accept": (WAITING, None),
    "decline": (WAITING, None),
    "running-late": (WAITING, None),
}
"""Action → (statuses in which it is allowed, resulting status; None keeps the status)."""


def is_valid_transition(action: str, status: str) -> bool:
    """True if the action is allowed in this status. Undo has its own rule (`services.undo`)."""
    return action in TRANSITIONS and status in TRANSITIONS[action][0]
