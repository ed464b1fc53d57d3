"""Checks the lines of a plan for conflicts with current bookings, each time the plan is shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.utils import timezone
from django.utils.translation import gettext as _

from interview.bulk.loading import appointment_of, book, load_resources, release
from interview.bulk.proposals import Resources
from interview.models import BulkLine, BulkPlan, Room
from interview.models.time_spans import TimeSpan
from interview.rules.bookings import Calendars
from interview.rules.conflicts import Conflict, find_conflicts


@dataclass(slots=True)
class LineConflicts:
    """The conflicts of one line.

    has_passed  the time has passed
    conflicts   those of `rules.conflicts`; an override reason permits those that are warnings
    """

    has_passed: bool = False
    conflicts: list[Conflict] = field(default_factory=list)

    def obstacles(self, names: Mapping[int, str]) -> list[str]:
        """Texts of what no reason permits: the line cannot become an interview."""
        passed = [_("This time has passed.")] if self.has_passed else []
        return passed + [one.message(names) for one in self.conflicts if one.is_refused]

    def warnings(self, names: Mapping[int, str]) -> list[str]:
        """Texts of what an override reason permits. names: of interviewers, by user id."""
        return [one.message(names) for one in self.conflicts if not one.is_refused]


def find_line_conflicts(plan: BulkPlan, lines: Sequence[BulkLine]) -> dict[int, LineConflicts]:
    """Returns the conflicts of every placed line, by line id. Takes three queries."""
    resources = load_resources(plan, lines, ())
    return {
        line.pk: _conflicts_of(line, line.span, line.room, resources)
        for line in lines
        if line.is_placed and line.span and line.room
    }


def _conflicts_of(
    line: BulkLine, span: TimeSpan, room: Room, resources: Resources
) -> LineConflicts:
    release(line, span, resources)  # else the line would conflict with itself
    calendars = Calendars(
        resources.room_bookings, resources.interviewer_bookings, resources.candidate_bookings
    )
    found = find_conflicts(appointment_of(line, span, room), calendars)
    book(line, span, resources)
    return LineConflicts(span.starts_at <= timezone.now(), found)
