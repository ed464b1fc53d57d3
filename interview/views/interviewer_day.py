"""An interviewer's day in the order in which it concerns him: what is next, which scorecards he
owes, the rest of today, later. The page's script (`me/agenda.js`) arranges live rows likewise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby
from typing import Any, Self
from zoneinfo import ZoneInfo

from interview.live.rows import resume_url
from interview.models import Interview, InterviewAssignment, Scorecard
from interview.models.states import ACTIVE, Status
from interview.models.time_zones import display_zone
from interview.rules.permissions import assignment_of

DECLINED = InterviewAssignment.Response.DECLINED


@dataclass(frozen=True, slots=True)
class Own:
    """One interview and this person's part in it."""

    interview: Interview
    part: InterviewAssignment
    card_state: str
    zone: ZoneInfo  # in which its person reads times

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
        return resume_url(self.interview, self.part.response)

    @property
    def is_due(self) -> bool:
        """His scorecard is awaited."""
        waits = self.interview.status == Status.FEEDBACK_DUE
        return waits and self.is_taking_part and self.card_state not in Scorecard.State.settled()


@dataclass(slots=True)
class Agenda:
    """The interviews of one person, each in one place."""

    next: Own | None = None
    due: list[Own] = field(default_factory=list)
    today: list[Own] = field(default_factory=list)
    over: list[Own] = field(default_factory=list)
    later: list[Own] = field(default_factory=list)
    left_open: list[Own] = field(default_factory=list)

    @classmethod
    def of(cls, interviews: Sequence[Interview], user: Any, *, now: datetime) -> Self:
        """Arrange interviews that come from `for_rows()`."""
        agenda = cls()
        own = sorted(_own_parts(interviews, user), key=lambda one: one.interview.starts_at)
        agenda.next = _next_of(own, now)
        for one in own:
            agenda._place(one, now)
        return agenda

    def _place(self, one: Own, now: datetime) -> None:
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
    def later_by_day(self) -> list[tuple[date, list[Own]]]:
        return [(day, list(group)) for day, group in groupby(self.later, key=lambda one: one.day)]

    @property
    def is_empty(self) -> bool:
        return not (self.next or self.due or self.today or self.later or self.left_open)


def _own_parts(interviews: Sequence[Interview], user: Any) -> list[Own]:
    own = []
    for interview in interviews:
        part = assignment_of(user, interview)
        if part is None:
            continue
        cards = {card.interviewer_id: card.state for card in interview.scorecard_list()}
        zone = display_zone(user, interview.campaign.time_zone)
        own.append(Own(interview, part, cards.get(user.pk, "none"), zone))
    return own


def _next_of(own: Sequence[Own], now: datetime) -> Own | None:
    """The one that runs, else the first of today or later that still waits."""
    possible = [one for one in own if one.is_open and one.is_taking_part]
    running = [one for one in possible if one.interview.status == Status.IN_PROGRESS]
    waiting = [one for one in possible if one.day >= one.day_of(now)]
    return next(iter([*running, *waiting]), None)
