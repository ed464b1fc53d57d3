"""The states of an interview and the steps between them (the diagram of the interview day)."""

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


WAITING = frozenset({Status.SCHEDULED, Status.CONFIRMED, Status.ARRIVED})
ENDED = frozenset({Status.COMPLETED, Status.CANCELLED, Status.NO_SHOW})

# action → (statuses it may start from, status it leads to; None keeps the status)
TRANSITIONS: dict[str, tuple[frozenset[Status], Status | None]] = {
    "confirm": (frozenset({Status.SCHEDULED}), Status.CONFIRMED),
    "excuse": (frozenset({Status.SCHEDULED, Status.CONFIRMED}), Status.SCHEDULED),
    "check-in": (frozenset({Status.SCHEDULED, Status.CONFIRMED}), Status.ARRIVED),
    "start": (WAITING, Status.IN_PROGRESS),
    "finish": (frozenset({Status.IN_PROGRESS}), Status.FEEDBACK_DUE),
    "not-attended": (frozenset({Status.FEEDBACK_DUE}), None),
    "complete": (frozenset({Status.FEEDBACK_DUE}), Status.COMPLETED),
    "no-show": (WAITING, Status.NO_SHOW),
    "cancel": (WAITING, Status.CANCELLED),
    "reschedule": (WAITING, None),
    "offer-times": (frozenset({Status.SCHEDULED, Status.CONFIRMED}), None),
    "reassign": (WAITING | {Status.IN_PROGRESS, Status.FEEDBACK_DUE}, None),
    "accept": (WAITING, None),
    "decline": (WAITING, None),
    "running-late": (WAITING, None),
}


def is_valid_transition(action: str, status: str) -> bool:
    """Whether an interview in this status can take this action (undo has its own rule)."""
    return action in TRANSITIONS and status in TRANSITIONS[action][0]
