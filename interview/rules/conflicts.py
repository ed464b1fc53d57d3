"""Scheduling conflicts of interviewers: double bookings, full days and missing buffers.

Conflicts are warnings. A coordinator can override them with a reason.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from django.utils.translation import gettext as _

from interview.models.time_spans import Bookings, TimeSpan
from interview.rules.limits import BUFFER_MINUTES, DAILY_LOAD_LIMIT

BUFFER = timedelta(minutes=BUFFER_MINUTES)


class ConflictKind(StrEnum):
    BOOKED = "booked"
    FULL_DAY = "full_day"
    NO_BUFFER = "no_buffer"


@dataclass(frozen=True, slots=True)
class Conflict:
    """A conflict of one interviewer. load: number of their other interviews on that day."""

    kind: ConflictKind
    interviewer_id: int
    load: int

    def message(self, name: str) -> str:
        """The warning for the coordinator. name: the interviewer's display name."""
        match self.kind:
            case ConflictKind.BOOKED:
                text = _("%(name)s has another interview at that time. Enter a reason to continue.")
            case ConflictKind.FULL_DAY:
                text = _(
                    "%(name)s already has %(load)d interviews that day. Enter a reason to continue."
                )
            case ConflictKind.NO_BUFFER:
                text = _(
                    "%(name)s would have less than %(minutes)d minutes between two interviews."
                    " Enter a reason to continue."
                )
        return text % {"name": name, "load": self.load, "minutes": BUFFER_MINUTES}


def find_conflict(interviewer_id: int, span: TimeSpan, bookings: Bookings) -> Conflict | None:
    """The most severe conflict, or None.

    `bookings` must not contain the interview that is being checked.
    """
    load = bookings.load(interviewer_id, bookings.day_of(span))
    if not bookings.is_free(interviewer_id, span):
        return Conflict(ConflictKind.BOOKED, interviewer_id, load)
    if load >= DAILY_LOAD_LIMIT:
        return Conflict(ConflictKind.FULL_DAY, interviewer_id, load)
    if not bookings.is_free(interviewer_id, span, buffer=BUFFER):
        return Conflict(ConflictKind.NO_BUFFER, interviewer_id, load)
    return None
