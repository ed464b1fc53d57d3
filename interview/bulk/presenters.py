"""Presents the lines of a plan with their conflicts as text, for both the page and the API."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.contrib.auth.models import User

from interview.bulk.validation import LineConflicts, find_line_conflicts
from interview.models import BulkLine, BulkPlan
from realtime.display_names import display_name
from realtime.protocol.server_frames import Row, isoformat


@dataclass(slots=True)
class PresentedLine:
    """A line with the names of its interviewers and the texts of its conflicts."""

    line: BulkLine
    people: list[str]
    obstacles: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def needs_reason(self) -> bool:
        return bool(self.warnings) and not self.line.override_reason

    @property
    def tone(self) -> str:
        if self.line.refusal or self.obstacles:
            return "alert"
        return "warn" if self.needs_reason else ""


def present_lines(plan: BulkPlan) -> list[PresentedLine]:
    """Returns the plan's lines with their current conflicts. Takes five queries."""
    lines = list(
        plan.lines.select_related("application__candidate", "application__job", "room", "interview")
    )
    conflicts = find_line_conflicts(plan, lines)
    ids = {one for line in lines for one in line.interviewers}
    names = {pk: display_name(one) for pk, one in User.objects.in_bulk(ids).items()}
    return [_present(line, conflicts.get(line.pk, LineConflicts()), names) for line in lines]


def _present(line: BulkLine, conflicts: LineConflicts, names: dict[int, str]) -> PresentedLine:
    people = [names.get(one, "?") for one in line.interviewers]
    return PresentedLine(line, people, conflicts.obstacles(names), conflicts.warnings(names))


def plan_row(plan: BulkPlan) -> Row:
    """Returns the plan as the API sends it."""
    return {
        "id": plan.pk,
        "version": plan.version,
        "campaign": plan.campaign.slug,
        "round": plan.round.number,
        "task": plan.task_id,
        "is_busy": plan.is_busy,
        "lines": [_line_row(one) for one in present_lines(plan)],
    }


def _line_row(presented: PresentedLine) -> Row:
    line = presented.line
    return {
        "id": line.pk,
        "application": line.application_id,
        "candidate": line.application.candidate.name,
        "starts_at": isoformat(line.starts_at),
        "ends_at": isoformat(line.ends_at),
        "room": line.room_id,
        "interviewers": line.interviewers,
        "is_locked": line.is_locked,
        "is_left_out": line.is_left_out,
        "override_reason": line.override_reason,
        "interview": line.interview_id,
        "problem": line.refusal or (line.get_problem_display() if line.problem else ""),
        "obstacles": presented.obstacles,
        "warnings": presented.warnings,
    }
