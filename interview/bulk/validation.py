"""What is wrong with the lines of a plan as things stand now: judged anew each time it is shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.utils import timezone
from django.utils.translation import gettext as _

from interview.bulk.loading import book, release, world_of
from interview.bulk.proposals import World
from interview.models import BulkLine, BulkPlan
from interview.models.time_spans import Span
from interview.rules.conflicts import Concern, concern_about


@dataclass(slots=True)
class Verdict:
    """What forbids a line, in words, and what only a reason overrides."""

    obstacles: list[str] = field(default_factory=list)
    concerns: list[Concern] = field(default_factory=list)


def judge(plan: BulkPlan, lines: Sequence[BulkLine]) -> dict[int, Verdict]:
    """A verdict for each line that wants a place, by its id. Three queries."""
    world = world_of(plan, lines, ())
    placed = [(line, line.span) for line in lines if line.is_placed and line.span]
    return {line.pk: _verdict(line, span, world) for line, span in placed}


def _verdict(line: BulkLine, span: Span, world: World) -> Verdict:
    release(line, span, world)
    verdict = Verdict(_obstacles(line, span, world))
    for person in line.interviewers:
        concern = concern_about(person, span, world.interviewer_diary)
        if concern is not None:
            verdict.concerns.append(concern)
    book(line, span, world)
    return verdict


def _obstacles(line: BulkLine, span: Span, world: World) -> list[str]:
    found = []
    if span.starts_at <= timezone.now():
        found.append(_("This time has passed."))
    if line.room_id is not None and not world.room_diary.is_free(line.room_id, span):
        found.append(_("The room is taken at that time."))
    if not world.candidate_diary.is_free(line.application.candidate_id, span):
        found.append(_("The candidate has another interview at that time."))
    return found
