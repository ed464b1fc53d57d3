"""What speaks against asking somebody to interview at a time. Never forbids: a reason overrides it.

The rule is of the domain: a clash, the daily load limit and a missing buffer are warnings.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from django.utils.translation import gettext as _

from interview.models.time_spans import Bookings, TimeSpan

DAILY_LOAD_LIMIT = 8  # interviews a person can give on one day and still listen
BUFFER_MINUTES = 5  # to write down a thought, and to find the next room
BUFFER = timedelta(minutes=BUFFER_MINUTES)


class ConflictKind(StrEnum):
    BOOKED = "booked"
    FULL_DAY = "full_day"
    NO_BUFFER = "no_buffer"


@dataclass(frozen=True, slots=True)
class Conflict:
    """Who is meant, by id, and how many interviews he has on that day already."""

    kind: ConflictKind
    person: int
    load: int

    def text(self, name: str) -> str:
        """In words, for who decides."""
        match self.kind:
            case ConflictKind.BOOKED:
                return _("%(name)s is booked at that time; give a reason to go on.") % {
                    "name": name
                }
            case ConflictKind.FULL_DAY:
                return _(
                    "%(name)s has %(load)d interviews that day already; give a reason to go on."
                ) % {"name": name, "load": self.load}
            case ConflictKind.NO_BUFFER:
                return _(
                    "%(name)s would have less than %(minutes)d minutes between two interviews;"
                    " give a reason to go on."
                ) % {"name": name, "minutes": BUFFER_MINUTES}


def find_conflict(person: int, span: TimeSpan, diary: Bookings) -> Conflict | None:
    """The gravest one, or None. The diary does not hold what is asked about."""
    load = diary.load(person, diary.day_of(span))
    if not diary.is_free(person, span):
        return Conflict(ConflictKind.BOOKED, person, load)
    if load >= DAILY_LOAD_LIMIT:
        return Conflict(ConflictKind.FULL_DAY, person, load)
    if not diary.is_free(person, span, buffer=BUFFER):
        return Conflict(ConflictKind.NO_BUFFER, person, load)
    return None
