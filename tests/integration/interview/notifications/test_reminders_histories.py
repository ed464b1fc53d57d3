"""Random histories of an interview and random sweeps: each due reminder is sent once, in time, for
the right start.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from interview import services
from interview.models import Delivery, Interview, Notification
from interview.models.reminders import DEFAULT_MINUTES
from interview.models.states import WAITING
from interview.notifications.reminders.upcoming import remind
from interview.services.transitions import Actor
from tests.factories import NOBODY, make_interview
from tests.support.product.clock import Clock, frozen

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
NOON = datetime.fromisoformat("2026-11-25T04:00:00+00:00")
# The number of random histories of a longer search, which draws new ones on each run.
EXAMPLES = int(os.environ.get("RANDOM_HISTORIES", "0"))
AHEAD = st.sampled_from([5, 10, 11, 55, 60, 61, 75, 130, 1435, 1440, 1450, 1600])  # minutes
WAITED = st.sampled_from([1, 4, 9, 10, 11, 25, 50, 60, 70, 300, 1380])
STEP = st.one_of(
    st.tuples(st.just("wait"), WAITED),
    st.tuples(st.just("sweep"), st.sampled_from([0, 0, 0, 3, 90])),  # reaching back further
    st.tuples(st.just("late sweep"), st.sampled_from([1, 8, 45])),  # of a moment that has passed
    st.tuples(st.just("move"), AHEAD),
    st.sampled_from([(step, 0) for step in ("cancel", "undo", "swap", "decline", "accept")]),
)
SWEPT_OFTEN = st.lists(STEP, min_size=8, max_size=30)


class History:
    """One interview, two interviewers who are assigned and removed, and the expected reminders."""

    def __init__(self, clock: Clock, people: Sequence[Any]) -> None:
        self.clock, self.people = clock, people
        interview = make_interview(interviewers=people[:1], starts_at=clock.now() + 1500 * MINUTE)
        self.pk = interview.pk
        self.start, self.start_since, self.was_off = interview.starts_at, clock.now(), False
        self.joined = {people[0].pk: clock.now()}
        self.swept = clock.now()
        self.expected: set[tuple[int, datetime, int]] = set()

    @property
    def interview(self) -> Interview:
        return Interview.objects.get(pk=self.pk)

    def play(self, step: str, minutes: int) -> None:
        if step == "wait":
            self.clock.shift(minutes=minutes)
        elif step == "sweep":
            self.sweep(self.swept - minutes * MINUTE, self.clock.now())
        elif step == "late sweep":
            self.sweep(self.swept, max(self.swept, self.clock.now() - minutes * MINUTE))
        else:
            self.act(step, minutes)

    def act(self, step: str, minutes: int) -> None:
        common = {"interview_id": self.pk, "version": self.interview.version, "actor": NOBODY}
        try:
            getattr(self, f"_{step}")(common, minutes)
        except ValidationError:
            return
        self._look()

    def _move(self, common: dict[str, Any], minutes: int) -> None:
        starts_at = self.clock.now() + minutes * MINUTE
        common |= {"starts_at": starts_at, "ends_at": starts_at + 45 * MINUTE}
        services.interview_reschedule(**common)

    def _cancel(self, common: dict[str, Any], minutes: int) -> None:
        services.interview_cancel(**common, reason="ill", side="company")

    def _undo(self, common: dict[str, Any], minutes: int) -> None:
        services.interview_undo(**common)

    def _swap(self, common: dict[str, Any], minutes: int) -> None:
        assigned = {part.interviewer_id for part in self.interview.assignment_list()}
        sides = {True: [], False: []}
        for person in self.people:
            sides[person.pk in assigned].append(person)
        services.interview_reassign(**common, remove=sides[True], add=sides[False], reason="ill")

    def _decline(self, common: dict[str, Any], minutes: int) -> None:
        services.interview_decline(**common | {"actor": self._an_interviewer()}, reason="ill")

    def _accept(self, common: dict[str, Any], minutes: int) -> None:
        services.interview_accept(**common | {"actor": self._an_interviewer()})

    def _an_interviewer(self) -> Actor:
        return Actor(user=self.interview.assignment_list()[0].interviewer, source="test")

    def _look(self) -> None:
        """Record since when the start is planned and since when each interviewer is assigned."""
        now, interview = self.clock.now(), self.interview
        is_off = interview.status not in WAITING
        if interview.starts_at != self.start or (self.was_off and not is_off):
            self.start_since = now
        self.start, self.was_off = interview.starts_at, is_off
        assigned = {part.interviewer_id for part in interview.assignment_list()}
        self.joined = {pk: self.joined.get(pk, now) for pk in assigned}

    def sweep(self, since: datetime, until: datetime) -> None:
        remind(since, until)
        self.swept = until
        self.expected |= self._due_reminders(since, until)
        sent = [
            (one.recipient_id, one.told_start, int(one.occasion.partition("@")[0]))
            for one in Notification.objects.filter(event="reminder")
        ]
        assert len(sent) == len(set(sent)), "a reminder was sent twice"
        assert set(sent) == self.expected
        for notice in Notification.objects.filter(event="reminder", at=self.clock.now()):
            assert notice.told_start is not None
            assert notice.at < notice.told_start
        self._check_messages()

    def _due_reminders(self, since: datetime, until: datetime) -> set[tuple[int, datetime, int]]:
        now = self.clock.now()
        reached = [m for m in DEFAULT_MINUTES if self.start - m * MINUTE < now]
        if self.was_off or now >= self.start or not reached:
            return set()
        moment = self.start - min(reached) * MINUTE
        if not since <= moment < until or moment < self.start_since:
            return set()
        declined = {
            p.interviewer_id for p in self.interview.assignment_list() if p.response == "declined"
        }
        people = [pk for pk, at in self.joined.items() if at <= moment and pk not in declined]
        return {(pk, self.start, min(reached)) for pk in people}

    def _check_messages(self) -> None:
        """Waiting messages refer to the current start and expire at it."""
        waiting = Delivery.objects.filter(event="reminder", state="queued")
        for message in waiting.filter(expires_at__gt=self.clock.now()):
            assert datetime.fromisoformat(message.facts["starts_at"]) == self.start
            assert message.expires_at == self.start
            assert not self.was_off


@settings(
    max_examples=EXAMPLES or 15,
    derandomize=not EXAMPLES,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(steps=SWEPT_OFTEN)
def test_each_reminder_is_sent_once_in_time_and_only_if_still_true(wu, zhao, steps):
    with transaction.atomic(), frozen(NOON) as clock:
        history = History(clock, (wu, zhao))
        for step, minutes in steps:
            history.play(step, minutes)
        history.sweep(history.swept, clock.now())
        transaction.set_rollback(True)


def test_without_changes_all_three_reminders_are_sent(wu, zhao):
    """Premise of the random histories."""
    with frozen(NOON) as clock:
        history = History(clock, (wu, zhao))
        for minutes in (61, 1380, 50):
            history.play("wait", minutes)
            history.sweep(history.swept, clock.now())
        assert {minutes for _, _, minutes in history.expected} == {1440, 60, 10}
