"""What happens next on an interview day. Pure: the same day, moment and seed give the same move.

Only what is due around the present is played, so that the board's own clock stays believable.
How long people take is divided by the pace; how late they are is not, or nobody would see it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from interview.models.states import NOT_ARRIVED, Side, Status
from interview.simulation.day import Card, Day, Response

REACHES = (timedelta(minutes=12), timedelta(minutes=40))  # how early people may begin
COMES_EARLY = timedelta(minutes=25)
CONFIRMED_AHEAD = timedelta(hours=6)
GIVEN_UP_AFTER = timedelta(minutes=6)  # a coordinator confirms a no-show once the flag is up
SWAPPED_AHEAD = timedelta(minutes=15)
FEW_WAITING = 8
PLANNED_SHARE = 0.4  # of moves, while few are waiting

NO_SHOW_SHARE, LATE_SHARE, OVERRUN_SHARE, DECLINE_SHARE = 0.04, 0.12, 0.08, 0.05
TWICE_SHARE, UNDONE_SHARE = 0.06, 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One thing somebody does. by: user id, or None for the coordinator.

    action: one of `actions.ACTIONS`, or `scorecard`, or `plan` for one more interview.
    then: what comes of it at once: nothing, the same `again` by mistake, or `undo`.
    """

    action: str
    card: Card | None = None
    by: int | None = None
    said: dict[str, Any] = field(default_factory=dict)
    weight: float = 1.0
    then: str = ""


@dataclass(frozen=True, slots=True)
class Fate:
    """What kind of day an interview has; the same whenever one asks."""

    is_no_show: bool
    is_overrun: bool
    late_minutes: float
    share: float

    @classmethod
    def of(cls, card: Card, seed: int) -> Fate:
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
    """pace: how many times faster than in life conversations and pauses are."""

    seed: int
    pace: float

    def next_move(
        self, day: Day, now: datetime, random: Random, *, may_plan: bool = True
    ) -> Move | None:
        """The next thing that happens; None when everybody is busy talking or waiting."""
        if may_plan and _waiting_soon(day, now) < FEW_WAITING and random.random() < PLANNED_SHARE:
            return Move(action="plan")
        for reach in REACHES:
            moves = list(self.moves(day, now, reach))
            if moves:
                move = random.choices(moves, [move.weight for move in moves])[0]
                return _as_people_do(move, random)
        return None

    def moves(self, day: Day, now: datetime, reach: timedelta) -> Iterator[Move]:
        """Everything that might happen now, each with its likelihood."""
        people, rooms = day.in_conversation()
        for card in day.cards:
            fate = Fate.of(card, self.seed)
            if card.status in NOT_ARRIVED:
                yield from self._before(card, now)
                yield from self._arrival(card, fate, now, reach)
                yield from self._trouble(day, card, fate, now)
            elif card.status == Status.ARRIVED:
                yield from self._beginning(card, now, reach, people, rooms)
            elif card.status == Status.IN_PROGRESS:
                yield from self._ending(card, fate, now)
            elif card.status == Status.FEEDBACK_DUE:
                yield from self._scorecards(card, fate, now)

    def _lasted(self, since: datetime | None, minutes: float, now: datetime) -> bool:
        """Whether something has gone on for so many minutes at this pace."""
        return since is not None and now - since >= timedelta(minutes=minutes / self.pace)

    def _before(self, card: Card, now: datetime) -> Iterator[Move]:
        if card.starts_at > now + CONFIRMED_AHEAD:
            return
        if card.status == Status.SCHEDULED:
            yield Move(action="confirm", card=card, weight=2)
        for part in card.parts:
            if part.response == Response.PENDING:
                yield Move(action="accept", card=card, by=part.person, weight=2)

    def _arrival(self, card: Card, fate: Fate, now: datetime, reach: timedelta) -> Iterator[Move]:
        if fate.is_no_show:
            if now > card.starts_at + GIVEN_UP_AFTER:
                said = {"side": Side.CANDIDATE}
                yield Move(action="no-show", card=card, said=said, weight=3)
            return
        comes_at = card.starts_at - COMES_EARLY * fate.share - reach
        if fate.late_minutes:
            comes_at = card.starts_at + timedelta(minutes=fate.late_minutes)
        if now >= comes_at:
            yield Move(action="check-in", card=card, weight=4)

    def _trouble(self, day: Day, card: Card, fate: Fate, now: datetime) -> Iterator[Move]:
        declined = [part.person for part in card.parts if part.response == Response.DECLINED]
        free = day.free_people(card.starts_at, card.ends_at) if declined else []
        willing = [person for person in free if person not in declined]
        said: dict[str, Any]
        if willing:
            said = {"remove": declined, "add": willing[:1], "reason": "临时调整面试官"}
            yield Move(action="reassign", card=card, said=said, weight=3)
        if declined or not now + SWAPPED_AHEAD < card.starts_at < now + CONFIRMED_AHEAD:
            return
        asked = card.attending[-1:]
        if asked and fate.share < DECLINE_SHARE:
            said = {"reason": "线上故障，需要现场值守"}
            yield Move(action="decline", card=card, by=asked[0], said=said)
        elif asked and fate.share > 1 - DECLINE_SHARE / 2:
            said = {"minutes": 10}
            yield Move(action="running-late", card=card, by=asked[0], said=said, weight=0.1)

    def _beginning(
        self, card: Card, now: datetime, reach: timedelta, people: set[int], rooms: set[int]
    ) -> Iterator[Move]:
        is_free = card.room not in rooms and not people.intersection(card.attending)
        is_due = card.starts_at <= now + reach and self._lasted(card.arrived_at, 6, now)
        if is_free and is_due and card.attending:
            yield Move(action="start", card=card, by=card.attending[0], weight=4)

    def _ending(self, card: Card, fate: Fate, now: datetime) -> Iterator[Move]:
        if fate.is_overrun and now < card.ends_at + timedelta(minutes=2):
            return
        if self._lasted(card.started_at, 25 + 25 * fate.share, now) and card.attending:
            yield Move(action="finish", card=card, by=card.attending[0], weight=4)

    def _scorecards(self, card: Card, fate: Fate, now: datetime) -> Iterator[Move]:
        if not self._lasted(card.finished_at, 5 + 25 * fate.share, now):
            return
        for part in card.parts:
            if part.owes and part.person in card.attending:
                yield Move(action="scorecard", card=card, by=part.person, weight=2)


def _waiting_soon(day: Day, now: datetime) -> int:
    """How many interviews could still begin before long."""
    until = now + REACHES[-1]
    return sum(card.status in NOT_ARRIVED and card.starts_at <= until for card in day.cards)


def _as_people_do(move: Move, random: Random) -> Move:
    """Some press a button twice, and some the wrong one."""
    then = ""
    if random.random() < TWICE_SHARE:
        then = "again"
    elif move.action == "check-in" and random.random() < UNDONE_SHARE:
        then = "undo"
    return Move(action=move.action, card=move.card, by=move.by, said=move.said, weight=1, then=then)
