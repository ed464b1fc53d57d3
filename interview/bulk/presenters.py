"""The lines of a plan in words, the same for page and API."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.contrib.auth.models import User

from interview.bulk.validation import Verdict, judge
from interview.models import BulkLine, BulkPlan
from realtime.display_names import display_name
from realtime.protocol.server_frames import Row, isoformat


@dataclass(slots=True)
class Shown:
    """A line in words."""

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


def lines_shown(plan: BulkPlan) -> list[Shown]:
    """Each with what speaks against it now. Five queries."""
    lines = list(
        plan.lines.select_related("application__candidate", "application__job", "room", "interview")
    )
    verdicts = judge(plan, lines)
    ids = {one for line in lines for one in line.interviewers}
    names = {pk: display_name(one) for pk, one in User.objects.in_bulk(ids).items()}
    return [_shown(line, verdicts.get(line.pk, Verdict()), names) for line in lines]


def _shown(line: BulkLine, verdict: Verdict, names: dict[int, str]) -> Shown:
    people = [names.get(one, "?") for one in line.interviewers]
    warnings = [one.text(names.get(one.person, "?")) for one in verdict.concerns]
    return Shown(line, people, verdict.obstacles, warnings)


def plan_row(plan: BulkPlan) -> Row:
    return {
        "id": plan.pk,
        "version": plan.version,
        "campaign": plan.campaign.slug,
        "round": plan.round.number,
        "task": plan.task_id,
        "is_busy": plan.is_busy,
        "lines": [_line_row(one) for one in lines_shown(plan)],
    }


def _line_row(shown: Shown) -> Row:
    line = shown.line
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
        "obstacles": shown.obstacles,
        "warnings": shown.warnings,
    }
