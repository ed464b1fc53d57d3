"""Scheduling conflicts of one appointment: the only place that decides them.

A taken room refuses an appointment. Conflicts of the candidate and of interviewers are warnings: a
coordinator can confirm them with a reason. Services, bulk plans, offered times, merges and previews
call it, with bookings that are read under the locks of `services.schedule_locks`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from django.utils.translation import gettext as _

from interview.models.time_spans import Bookings, TimeSpan
from interview.rules.bookings import Appointment, Calendars
from interview.rules.limits import BUFFER_MINUTES, DAILY_LOAD_LIMIT, WALKING_MINUTES

BUFFER = timedelta(minutes=BUFFER_MINUTES)
WALK = timedelta(minutes=WALKING_MINUTES)


class ConflictKind(StrEnum):
    """Kinds of conflicts, as the API names them. The order is that of their severity."""

    ROOM_TAKEN = "room_taken"
    CANDIDATE_BOOKED = "candidate_booked"
    CANDIDATE_WALK = "candidate_walk"
    BOOKED = "booked"
    FULL_DAY = "full_day"
    NO_BUFFER = "no_buffer"


FIELDS = {
    ConflictKind.ROOM_TAKEN: "room",
    ConflictKind.CANDIDATE_BOOKED: "candidate",
    ConflictKind.CANDIDATE_WALK: "candidate",
}
"""The field on which a conflict is reported; "interviewers" for all other kinds."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """A conflict of a room, a candidate or an interviewer, named by its id.

    load: number of other interviews on that day, only for full days.
    """

    kind: ConflictKind
    owner_id: int
    load: int = 0

    @property
    def is_refused(self) -> bool:
        """True if no reason permits the appointment: the database would refuse it."""
        return self.kind == ConflictKind.ROOM_TAKEN

    @property
    def is_double_booking(self) -> bool:
        """True if a person would be in two interviews at the same moment."""
        return self.kind in {ConflictKind.CANDIDATE_BOOKED, ConflictKind.BOOKED}

    @property
    def key(self) -> tuple[str, int]:
        """Its kind and owner: the same conflict, whatever the load of the day."""
        return self.kind, self.owner_id

    @property
    def field(self) -> str:
        return FIELDS.get(self.kind, "interviewers")

    def message(self, names: Mapping[int, str]) -> str:
        """The sentence for the coordinator. names: display names of interviewers by user id."""
        match self.kind:
            case ConflictKind.ROOM_TAKEN:
                text = room_taken_message()
            case ConflictKind.CANDIDATE_BOOKED:
                text = _("The candidate has another interview at that time.")
            case ConflictKind.CANDIDATE_WALK:
                text = _(
                    "The candidate would have less than %(walk)d minutes to walk to or from another"
                    " room."
                )
            case ConflictKind.BOOKED:
                text = _("%(name)s has another interview at that time.")
            case ConflictKind.FULL_DAY:
                text = _("%(name)s already has %(load)d interviews that day.")
            case ConflictKind.NO_BUFFER:
                text = _(
                    "%(name)s would have less than %(minutes)d minutes between two interviews."
                )
        return text % {
            "name": names.get(self.owner_id, "?"),
            "load": self.load,
            "minutes": BUFFER_MINUTES,
            "walk": WALKING_MINUTES,
        }


def room_taken_message() -> str:
    return _("This room is taken at that time.")


def confirmation_hint() -> str:
    """The sentence after warnings: how to schedule nevertheless."""
    return _("Enter a reason to continue.")


def find_conflicts(
    appointment: Appointment, calendars: Calendars, *, instead_of: Appointment | None = None
) -> list[Conflict]:
    """All conflicts of an appointment: the room's, the candidate's, then each interviewer's.

    `calendars` must not contain the interview that is being checked. instead_of: the appointment
    that the interview has now; a day that is full already with it is not reported again.
    """
    known = _known_full_days(appointment, instead_of, calendars.interviewers)
    found = [
        *_room_conflicts(appointment, calendars),
        *_candidate_conflicts(appointment, calendars),
    ]
    for person in appointment.interviewers:
        found += interviewer_conflicts(person, appointment.span, calendars.interviewers)
    return [conflict for conflict in found if conflict not in known]


def interviewer_conflicts(person: int, span: TimeSpan, bookings: Bookings) -> Iterable[Conflict]:
    """The conflicts of one interviewer at this time, by their existing bookings."""
    if not bookings.is_free(person, span):
        yield Conflict(ConflictKind.BOOKED, person)
    yield from _full_day(person, span, bookings)
    if bookings.is_close(person, span, buffer=BUFFER):
        yield Conflict(ConflictKind.NO_BUFFER, person)


def _room_conflicts(appointment: Appointment, calendars: Calendars) -> Iterable[Conflict]:
    if not calendars.rooms.is_free(appointment.room, appointment.span):
        yield Conflict(ConflictKind.ROOM_TAKEN, appointment.room)


def _candidate_conflicts(appointment: Appointment, calendars: Calendars) -> Iterable[Conflict]:
    candidate, span = appointment.candidate, appointment.span
    if not calendars.candidates.is_free(candidate, span):
        yield Conflict(ConflictKind.CANDIDATE_BOOKED, candidate)
    if calendars.candidates.is_out_of_reach(candidate, span, appointment.place, walk=WALK):
        yield Conflict(ConflictKind.CANDIDATE_WALK, candidate)


def _known_full_days(
    appointment: Appointment, instead_of: Appointment | None, bookings: Bookings
) -> set[Conflict]:
    if instead_of is None or bookings.day_of(instead_of.span) != bookings.day_of(appointment.span):
        return set()
    people = instead_of.interviewers
    return {one for person in people for one in _full_day(person, instead_of.span, bookings)}


def _full_day(person: int, span: TimeSpan, bookings: Bookings) -> Iterable[Conflict]:
    load = bookings.load(person, bookings.day_of(span))
    if load >= DAILY_LOAD_LIMIT:
        yield Conflict(ConflictKind.FULL_DAY, person, load)
