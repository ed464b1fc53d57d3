"""Does what the planner says, through the door that people use, and waits in between."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from random import Random
from threading import Event

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import InterfaceError, OperationalError, connection
from django.utils import timezone
from rest_framework.exceptions import ValidationError as PayloadError

from interview import services
from interview.live.topics import today_in
from interview.models import Interview, Scorecard
from interview.services import actions
from interview.services.transitions import Actor
from interview.simulation.day import MOVING, SETTLED_FIELDS, Card, Day, card_of, settled_card
from interview.simulation.planner import Move, Planner
from interview.simulation.planning import plan_one_more
from jobs.models import Campaign

logger = logging.getLogger(__name__)

SOURCE = "simulation"
SECONDS_BETWEEN_MOVES = 60.0  # in a campaign of a hundred interviews, at the pace of life
RETRY_SECONDS = 2.0
AROUND_MIDNIGHT = timedelta(hours=2)  # what is going on then belongs to both days
REFUSALS = (
    services.StaleVersion,
    ValidationError,
    PayloadError,
    PermissionDenied,
    Interview.DoesNotExist,
)
SCORES = (2, 3, 3, 4, 4, 4, 5)
Said = Scorecard.Recommendation
RECOMMENDATIONS = (Said.NO, Said.YES, Said.YES, Said.STRONG_YES)
REFUSED = "refused"


@dataclass(slots=True)
class Simulation:
    """One campaign's day, played by its coordinator and its interviewers.

    done: how often each action was done, and how often the product refused one.
    """

    campaign: Campaign
    coordinator: User
    planner: Planner
    random: Random
    tell: Callable[[str], None] = lambda line: None
    done: Counter[str] = field(default_factory=Counter)

    def play(self, stop: Event, *, steps: int | None = None) -> None:
        """Step after step until told to stop, or so many of them."""
        for number in count(1):
            try:
                self.step()
                pause = self.random.uniform(0.4, 1.6) * SECONDS_BETWEEN_MOVES / self.planner.pace
            except (OperationalError, InterfaceError):
                logger.warning("The database is away", extra={"action": "simulation_waits"})
                connection.close()
                pause = RETRY_SECONDS
            if number == steps or stop.wait(pause):
                return

    def step(self) -> Move | None:
        """Do the next thing, if there is one."""
        now = timezone.now()
        day = self.look()
        move = self.planner.next_move(day, now, self.random)
        if move is not None and move.card is None and not self._plan(day, now):
            move = self.planner.next_move(day, now, self.random, may_plan=False)
        if move is not None and move.card is not None:
            self._do(move, move.card)
        return move

    def look(self) -> Day:
        """Today as it stands, in a constant number of queries."""
        start, end = today_in(self.campaign)
        today = self.campaign.interviews.filter(
            starts_at__gte=start - AROUND_MIDNIGHT, starts_at__lt=end + AROUND_MIDNIGHT
        )
        moving = today.filter(status__in=MOVING).prefetch_related("assignments", "scorecards")
        settled = today.exclude(status__in=MOVING).values(*SETTLED_FIELDS)
        known = User.objects.filter(
            groups__name="interviewer",
            is_active=True,
            interview_assignments__interview__campaign=self.campaign,
        )
        return Day(
            cards=[*map(card_of, moving), *(settled_card(values) for values in settled)],
            rooms=list(self.campaign.rooms.filter(is_active=True).values_list("pk", flat=True)),
            interviewers=list(known.order_by("pk").distinct().values_list("pk", flat=True)),
        )

    def _plan(self, day: Day, now: datetime) -> bool:
        actor = Actor(user=self.coordinator, source=SOURCE)
        return self._attempt(
            "plan", lambda: plan_one_more(self.campaign, day, now, actor, self.random)
        )

    def _do(self, move: Move, card: Card) -> None:
        for _ in range(2 if move.then == "again" else 1):
            if move.action == "scorecard":
                self._attempt(move.action, lambda: self._submit(card, move.by))
            else:
                self._attempt(move.action, lambda: self._act(move, card))
        if move.then == "undo":
            undo = Move(action="undo")
            self._attempt("undo", lambda: self._act(undo, self._afresh(card)))

    def _afresh(self, card: Card) -> Card:
        return card_of(Interview.objects.get(pk=card.id))

    def _attempt(self, name: str, act: Callable[[], object]) -> bool:
        """Whether it was done. People do not see everything: refused, they go on with the day."""
        try:
            is_done = act() is not None
        except REFUSALS as refusal:
            self.done[REFUSED] += 1
            self.tell(f"{name} was refused: {type(refusal).__name__}")
            return False
        if is_done:
            self.done[name] += 1
            self.tell(name)
        return is_done

    def _act(self, move: Move, card: Card) -> Interview:
        return actions.perform(
            action=move.action,
            interview_id=card.id,
            by=self._person(move.by),
            source=SOURCE,
            data={"version": card.version, **move.said},
        )

    def _submit(self, card: Card, by: int | None) -> Scorecard:
        interviewer = self._person(by)
        criteria = Interview.objects.get(pk=card.id).round.criteria.all()
        return services.scorecard_save(
            interview_id=card.id,
            interviewer=interviewer,
            scores={criterion.pk: self.random.choice(SCORES) for criterion in criteria},
            recommendation=self.random.choice(RECOMMENDATIONS),
            strengths="回答有条理，例子具体。",
            concerns="",
            is_final=True,
            actor=Actor(user=interviewer, source=SOURCE),
        )

    def _person(self, user_id: int | None) -> User:
        return self.coordinator if user_id is None else User.objects.get(pk=user_id)
