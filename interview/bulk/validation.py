"""Checks the lines of a plan for conflicts with current bookings, each time the plan is shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.utils import timezone
from django.utils.translation import gettext as _

from interview.bulk.loading import book, load_resources, release
from interview.bulk.proposals import Resources
from interview.models import BulkLine, BulkPlan
from interview.models.time_spans import TimeSpan
from interview.rules.conflicts import Conflict, find_conflict


@dataclass(slots=True)
class LineConflicts:
    """The conflicts of one line.

    obstacles  texts of hard conflicts: the line cannot become an interview
    warnings   interviewers' conflicts, which an override reason permits
    """

    obstacles: list[str] = field(default_factory=list)
    warnings: list[Conflict] = field(default_factory=list)


def find_line_conflicts(plan: BulkPlan, lines: Sequence[BulkLine]) -> dict[int, LineConflicts]:
    """Returns the conflicts of every placed line, by line id. Takes three queries."""
    resources = load_resources(plan, lines, ())
    placed = [(line, line.span) for line in lines if line.is_placed and line.span]
    return {line.pk: _conflicts_of(line, span, resources) for line, span in placed}


def _conflicts_of(line: BulkLine, span: TimeSpan, resources: Resources) -> LineConflicts:
    release(line, span, resources)  # else the line would conflict with itself
    conflicts = LineConflicts(_obstacles(line, span, resources))
    for person in line.interviewers:
        concern = find_conflict(person, span, resources.interviewer_bookings)
        if concern is not None:
            conflicts.warnings.append(concern)
    book(line, span, resources)
    return conflicts


def _obstacles(line: BulkLine, span: TimeSpan, resources: Resources) -> list[str]:
    found = []
    if span.starts_at <= timezone.now():
        found.append(_("This time has passed."))
    if line.room_id is not None and not resources.room_bookings.is_free(line.room_id, span):
        found.append(_("The room is taken at that time."))
    if not resources.candidate_bookings.is_free(line.application.candidate_id, span):
        found.append(_("The candidate has another interview at that time."))
    return found
