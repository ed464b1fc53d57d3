"""Executes the planner's steps through the same services as people, with pauses in between."""

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
from interview.models import Interview, Scorecard
from interview.rules import days
from interview.services import actions
from interview.services.transitions import Actor
from interview.simulation.day import SETTLED_FIELDS, UNFINISHED, Card, Day, card_of, settled_card
from interview.simulation.extra_interviews import add_interview
from interview.simulation.planner import Planner, Step
from jobs.models import Campaign

logger = logging.getLogger(__name__)

SOURCE = "simulation"
SECONDS_BETWEEN_STEPS = 60.0  # at speed 1, for a campaign of about 100 interviews a day
RETRY_SECONDS = 2.0
MIDNIGHT_MARGIN = timedelta(hours=2)  # interviews this close to midnight count for both days
REFUSAL_ERRORS = (
    services.StaleVersion,
    ValidationError,
    PayloadError,
    PermissionDenied,
    Interview.DoesNotExist,
)
SCORES = (2, 3, 3, 4, 4, 4, 5)
Recommendation = Scorecard.Recommendation
RECOMMENDATIONS = (
    Recommendation.NO,
    Recommendation.YES,
    Recommendation.YES,
    Recommendation.STRONG_YES,
)
REFUSED = "refused"


@dataclass(slots=True)
class Simulation:
    """Plays one campaign's day in the name of its coordinator and interviewers.

    report   called with a line per executed or refused action
    done     counts executed actions by name, and refused ones under REFUSED
    """

    campaign: Campaign
    coordinator: User
    planner: Planner
    random: Random
    report: Callable[[str], None] = lambda line: None
    done: Counter[str] = field(default_factory=Counter)

    def play(self, stop: Event, *, steps: int | None = None) -> None:
        """Play until `stop` is set, or for this many steps."""
        for number in count(1):
            try:
                self.play_step()
                pause = self.random.uniform(0.4, 1.6) * SECONDS_BETWEEN_STEPS / self.planner.speed
            except (OperationalError, InterfaceError):
                logger.warning(
                    "The database is not available; trying again",
                    extra={"action": "simulation_waits"},
                )
                connection.close()
                pause = RETRY_SECONDS
            if number == steps or stop.wait(pause):
                return

    def play_step(self) -> Step | None:
        """Execute the next step and return it; None if nothing is due."""
        now = timezone.now()
        day = self.read_day()
        step = self.planner.next_step(day, now, self.random)
        if step is not None and step.card is None and not self._plan(day, now):
            step = self.planner.next_step(day, now, self.random, may_plan=False)
        if step is not None and step.card is not None:
            self._do(step, step.card)
        return step

    def read_day(self) -> Day:
        """Return the current state of today, in a constant number of queries."""
        start, end = days.today_bounds(self.campaign.time_zone)
        today = self.campaign.interviews.filter(
            starts_at__gte=start - MIDNIGHT_MARGIN, starts_at__lt=end + MIDNIGHT_MARGIN
        )
        moving = today.filter(status__in=UNFINISHED).prefetch_related("assignments", "scorecards")
        settled = today.exclude(status__in=UNFINISHED).values(*SETTLED_FIELDS)
        interviewers = User.objects.filter(
            groups__name="interviewer",
            is_active=True,
            interview_assignments__interview__campaign=self.campaign,
        )
        return Day(
            cards=[*map(card_of, moving), *(settled_card(values) for values in settled)],
            rooms=list(self.campaign.rooms.filter(is_active=True).values_list("pk", flat=True)),
            interviewers=list(interviewers.order_by("pk").distinct().values_list("pk", flat=True)),
        )

    def _plan(self, day: Day, now: datetime) -> bool:
        actor = Actor(user=self.coordinator, source=SOURCE)
        return self._attempt(
            "plan", lambda: add_interview(self.campaign, day, now, actor, self.random)
        )

    def _do(self, step: Step, card: Card) -> None:
        for _ in range(2 if step.follow_up == "again" else 1):
            if step.action == "scorecard":
                self._attempt(step.action, lambda: self._submit(card, step.by))
            else:
                self._attempt(step.action, lambda: self._act(step, card))
        if step.follow_up == "undo":
            undo = Step(action="undo")
            self._attempt("undo", lambda: self._act(undo, self._current_card(card)))

    def _current_card(self, card: Card) -> Card:
        return card_of(Interview.objects.get(pk=card.id))

    def _attempt(self, name: str, act: Callable[[], object]) -> bool:
        """Execute an action; return False if it was refused or impossible, as happens to people."""
        try:
            is_done = act() is not None
        except REFUSAL_ERRORS as error:
            self.done[REFUSED] += 1
            self.report(f"{name} was refused: {type(error).__name__}")
            return False
        if is_done:
            self.done[name] += 1
            self.report(name)
        return is_done

    def _act(self, step: Step, card: Card) -> Interview:
        return actions.perform(
            action=step.action,
            interview_id=card.id,
            by=self._person(step.by),
            source=SOURCE,
            data={"version": card.version, **step.data},
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
