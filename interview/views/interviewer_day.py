"""Sorts an interviewer's interviews into the sections of their page: next, scorecards due, today,
later. The page's script (`me/interviewer-day.js`) sorts live rows by the same rules.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby
from typing import Any, Self
from zoneinfo import ZoneInfo

from interview.live.rows import resume_url
from interview.models import Interview, InterviewAssignment, Scorecard
from interview.models.scorecards import scorecards_of
from interview.models.states import ACTIVE, Status
from interview.models.time_zones import display_zone
from interview.rules.permissions import assignment_of
from jobs.models.submissions import has_resume

DECLINED = InterviewAssignment.Response.DECLINED


@dataclass(frozen=True, slots=True)
class OwnInterview:
    """One interview with the assignment of the interviewer whose page it is on."""

    interview: Interview
    part: InterviewAssignment
    card_state: str
    zone: ZoneInfo  # the interviewer's time zone, which decides what "today" is
    expected_at: datetime | None = None  # only if it is expected to start late

    def day_of(self, moment: datetime) -> date:
        return moment.astimezone(self.zone).date()

    @property
    def day(self) -> date:
        return self.day_of(self.interview.starts_at)

    @property
    def is_taking_part(self) -> bool:
        return self.part.response != DECLINED

    @property
    def is_open(self) -> bool:
        return self.interview.status in ACTIVE

    @property
    def resume_url(self) -> str:
        return resume_url(
            self.interview, self.part.response, has_resume=has_resume(self.interview.application)
        )

    @property
    def is_due(self) -> bool:
        """True if the interviewer's scorecard is due."""
        is_over = self.interview.status == Status.FEEDBACK_DUE
        return is_over and self.is_taking_part and self.card_state not in Scorecard.State.settled()


@dataclass(slots=True)
class InterviewerDay:
    """The interviews of one interviewer, each in one section."""

    next: OwnInterview | None = None
    due: list[OwnInterview] = field(default_factory=list)
    today: list[OwnInterview] = field(default_factory=list)
    over: list[OwnInterview] = field(default_factory=list)
    later: list[OwnInterview] = field(default_factory=list)
    left_open: list[OwnInterview] = field(default_factory=list)

    @classmethod
    def of(
        cls,
        interviews: Sequence[Interview],
        user: Any,
        *,
        now: datetime,
        expected: Mapping[int, datetime] | None = None,
    ) -> Self:
        """Sorts interviews loaded with `for_rows()` into sections.

        expected: the forecast's expected starts, by interview id.
        """
        sorted_day = cls()
        own = sorted(
            _own_parts(interviews, user, expected or {}), key=lambda one: one.interview.starts_at
        )
        sorted_day.next = _next_of(own, now)
        for one in own:
            sorted_day._place(one, now)
        return sorted_day

    def _place(self, one: OwnInterview, now: datetime) -> None:
        day, today = one.day, one.day_of(now)
        if one is self.next:
            return
        if one.is_due:
            self.due.append(one)
        elif day == today:
            (self.today if one.is_open else self.over).append(one)
        elif day > today and one.is_open:
            self.later.append(one)
        elif one.is_open and one.is_taking_part:
            self.left_open.append(one)

    @property
    def later_by_day(self) -> list[tuple[date, list[OwnInterview]]]:
        return [(day, list(group)) for day, group in groupby(self.later, key=lambda one: one.day)]

    @property
    def is_empty(self) -> bool:
        return not (self.next or self.due or self.today or self.later or self.left_open)


def _own_parts(
    interviews: Sequence[Interview], user: Any, expected: Mapping[int, datetime]
) -> list[OwnInterview]:
    own = []
    for interview in interviews:
        part = assignment_of(user, interview)
        if part is None:
            continue
        cards = {card.interviewer_id: card.state for card in scorecards_of(interview)}
        zone = display_zone(user, interview.campaign.time_zone)
        card_state, expected_at = cards.get(user.pk, "none"), expected.get(interview.pk)
        own.append(OwnInterview(interview, part, card_state, zone, expected_at))
    return own


def _next_of(own: Sequence[OwnInterview], now: datetime) -> OwnInterview | None:
    """Returns the interview in progress, else the first one from today on that is still open."""
    possible = [one for one in own if one.is_open and one.is_taking_part]
    running = [one for one in possible if one.interview.status == Status.IN_PROGRESS]
    waiting = [one for one in possible if one.day >= one.day_of(now)]
    return next(iter([*running, *waiting]), None)
