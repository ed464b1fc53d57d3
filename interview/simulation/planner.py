"""Decides what happens next on an interview day.

Has no side effects: the same day, time and random state give the same step. Only steps that are due
around the current time are taken, because the board shows real time. Durations are divided by the
speed; lateness is not, because it would be too short to show on the board.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from interview.models.states import NOT_ARRIVED, Side, Status
from interview.simulation.day import Card, Day, Response

START_WINDOWS = (timedelta(minutes=12), timedelta(minutes=40))  # how early an interview may start
MAX_EARLY_ARRIVAL = timedelta(minutes=25)
CONFIRM_AHEAD = timedelta(hours=6)
NO_SHOW_AFTER = timedelta(minutes=6)  # the board flags the missing candidate by then
REASSIGN_AHEAD = timedelta(minutes=15)
MIN_WAITING = 8
PLAN_SHARE = 0.4  # of steps, while fewer than MIN_WAITING interviews are waiting

NO_SHOW_SHARE, LATE_SHARE, OVERRUN_SHARE, DECLINE_SHARE = 0.04, 0.12, 0.08, 0.05
REPEAT_SHARE, UNDO_SHARE = 0.06, 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """An action of one person.

    action     one of `actions.ACTIONS`, or "scorecard", or "plan" for an additional interview
    by         user id; None: the coordinator
    data       fields of the action, as in the API
    weight     relative probability among the possible steps
    follow_up  "again" (the button is pressed twice), "undo", or empty
    """

    action: str
    card: Card | None = None
    by: int | None = None
    data: dict[str, Any] = field(default_factory=dict)
    weight: float = 1.0
    follow_up: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an interview will go. share: from 0 to 1, scales its times."""

    is_no_show: bool
    is_overrun: bool
    late_minutes: float
    share: float

    @classmethod
    def of(cls, card: Card, seed: int) -> Outcome:
        """Return the outcome of an interview, always the same for one seed."""
        random = Random(f"{seed}:{card.id}")
        is_late = random.random() < LATE_SHARE
        return cls(
            is_no_show=random.random() < NO_SHOW_SHARE,
            is_overrun=random.random() < OVERRUN_SHARE,
            late_minutes=random.uniform(1, 4) if is_late else 0,
            share=random.random(),
        )


@dataclass(frozen=True, slots=True)
class Planner:
    """Chooses steps. speed: factor by which interviews and pauses are shortened."""

    seed: int
    speed: float

    def next_step(
        self, day: Day, now: datetime, random: Random, *, may_plan: bool = True
    ) -> Step | None:
        """Return the next step; None if nothing is due."""
        if may_plan and _waiting_soon(day, now) < MIN_WAITING and random.random() < PLAN_SHARE:
            return Step(action="plan")
        for window in START_WINDOWS:
            steps = list(self.possible_steps(day, now, window))
            if steps:
                step = random.choices(steps, [step.weight for step in steps])[0]
                return _with_mistakes(step, random)
        return None

    def possible_steps(self, day: Day, now: datetime, window: timedelta) -> Iterator[Step]:
        """Yield every step that is possible now."""
        people, rooms = day.in_conversation()
        for card in day.cards:
            outcome = Outcome.of(card, self.seed)
            if card.status in NOT_ARRIVED:
                yield from self._confirmation(card, now)
                yield from self._arrival(card, outcome, now, window)
                yield from self._changes(day, card, outcome, now)
            elif card.status == Status.ARRIVED:
                yield from self._start(card, now, window, people, rooms)
            elif card.status == Status.IN_PROGRESS:
                yield from self._finish(card, outcome, now)
            elif card.status == Status.FEEDBACK_DUE:
                yield from self._scorecards(card, outcome, now)

    def _lasted(self, since: datetime | None, minutes: float, now: datetime) -> bool:
        """Return True if this many minutes, shortened by the speed, have passed."""
        return since is not None and now - since >= timedelta(minutes=minutes / self.speed)

    def _confirmation(self, card: Card, now: datetime) -> Iterator[Step]:
        if card.starts_at > now + CONFIRM_AHEAD:
            return
        if card.status == Status.SCHEDULED:
            yield Step(action="confirm", card=card, weight=2)
        for assignment in card.assignments:
            if assignment.response == Response.PENDING:
                yield Step(action="accept", card=card, by=assignment.person, weight=2)

    def _arrival(
        self, card: Card, outcome: Outcome, now: datetime, window: timedelta
    ) -> Iterator[Step]:
        if outcome.is_no_show:
            if now > card.starts_at + NO_SHOW_AFTER:
                data = {"side": Side.CANDIDATE}
                yield Step(action="no-show", card=card, data=data, weight=3)
            return
        comes_at = card.starts_at - MAX_EARLY_ARRIVAL * outcome.share - window
        if outcome.late_minutes:
            comes_at = card.starts_at + timedelta(minutes=outcome.late_minutes)
        if now >= comes_at:
            yield Step(action="check-in", card=card, weight=4)

    def _changes(self, day: Day, card: Card, outcome: Outcome, now: datetime) -> Iterator[Step]:
        declined = [
            assignment.person
            for assignment in card.assignments
            if assignment.response == Response.DECLINED
        ]
        free = day.free_people(card.starts_at, card.ends_at) if declined else []
        willing = [person for person in free if person not in declined]
        data: dict[str, Any]
        if willing:
            data = {"remove": declined, "add": willing[:1], "reason": "临时调整面试官"}
            yield Step(action="reassign", card=card, data=data, weight=3)
        if declined or not now + REASSIGN_AHEAD < card.starts_at < now + CONFIRM_AHEAD:
            return
        asked = card.attending[-1:]
        if asked and outcome.share < DECLINE_SHARE:
            data = {"reason": "线上故障，需要现场值守"}
            yield Step(action="decline", card=card, by=asked[0], data=data)
        elif asked and outcome.share > 1 - DECLINE_SHARE / 2:
            data = {"minutes": 10}
            yield Step(action="running-late", card=card, by=asked[0], data=data, weight=0.1)

    def _start(
        self, card: Card, now: datetime, window: timedelta, people: set[int], rooms: set[int]
    ) -> Iterator[Step]:
        is_free = card.room not in rooms and not people.intersection(card.attending)
        is_due = card.starts_at <= now + window and self._lasted(card.arrived_at, 6, now)
        if is_free and is_due and card.attending:
            yield Step(action="start", card=card, by=card.attending[0], weight=4)

    def _finish(self, card: Card, outcome: Outcome, now: datetime) -> Iterator[Step]:
        if outcome.is_overrun and now < card.ends_at + timedelta(minutes=2):
            return
        if self._lasted(card.started_at, 25 + 25 * outcome.share, now) and card.attending:
            yield Step(action="finish", card=card, by=card.attending[0], weight=4)

    def _scorecards(self, card: Card, outcome: Outcome, now: datetime) -> Iterator[Step]:
        if not self._lasted(card.finished_at, 5 + 25 * outcome.share, now):
            return
        for assignment in card.assignments:
            if assignment.is_scorecard_missing and assignment.person in card.attending:
                yield Step(action="scorecard", card=card, by=assignment.person, weight=2)


def _waiting_soon(day: Day, now: datetime) -> int:
    """Count the interviews that can start within the widest window."""
    until = now + START_WINDOWS[-1]
    return sum(card.status in NOT_ARRIVED and card.starts_at <= until for card in day.cards)


def _with_mistakes(step: Step, random: Random) -> Step:
    """Let some people press a button twice, and some undo a check-in."""
    follow_up = ""
    if random.random() < REPEAT_SHARE:
        follow_up = "again"
    elif step.action == "check-in" and random.random() < UNDO_SHARE:
        follow_up = "undo"
    return Step(
        action=step.action,
        card=step.card,
        by=step.by,
        data=step.data,
        weight=1,
        follow_up=follow_up,
    )
