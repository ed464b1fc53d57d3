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
ASKED = int(os.environ.get("RANDOM_HISTORIES", "0"))  # how many; other ones each time
AHEAD = st.sampled_from([5, 10, 11, 55, 60, 61, 75, 130, 1435, 1440, 1450, 1600])  # minutes
WAITED = st.sampled_from([1, 4, 9, 10, 11, 25, 50, 60, 70, 300, 1380])
STEP = st.one_of(
    st.tuples(st.just("wait"), WAITED),
    st.tuples(st.just("sweep"), st.sampled_from([0, 0, 0, 3, 90])),  # reaching back further
    st.tuples(st.just("late sweep"), st.sampled_from([1, 8, 45])),  # of a moment that has passed
    st.tuples(st.just("move"), AHEAD),
    st.sampled_from([(what, 0) for what in ("cancel", "undo", "swap", "decline", "accept")]),
)
SWEPT_OFTEN = st.lists(STEP, min_size=8, max_size=30)


class History:
    """One interview, two interviewers who are assigned and removed, and the expected reminders."""

    def __init__(self, clock: Clock, people: Sequence[Any]) -> None:
        self.clock, self.people = clock, people
        made = make_interview(interviewers=people[:1], starts_at=clock.now() + 1500 * MINUTE)
        self.pk = made.pk
        self.start, self.start_since, self.was_off = made.starts_at, clock.now(), False
        self.joined = {people[0].pk: clock.now()}
        self.swept = clock.now()
        self.told: set[tuple[int, datetime, int]] = set()

    @property
    def interview(self) -> Interview:
        return Interview.objects.get(pk=self.pk)

    def play(self, what: str, minutes: int) -> None:
        if what == "wait":
            self.clock.shift(minutes=minutes)
        elif what == "sweep":
            self.sweep(self.swept - minutes * MINUTE, self.clock.now())
        elif what == "late sweep":
            self.sweep(self.swept, max(self.swept, self.clock.now() - minutes * MINUTE))
        else:
            self.act(what, minutes)

    def act(self, what: str, minutes: int) -> None:
        asked = {"interview_id": self.pk, "version": self.interview.version, "actor": NOBODY}
        try:
            getattr(self, f"_{what}")(asked, minutes)
        except ValidationError:
            return
        self._look()

    def _move(self, asked: dict[str, Any], minutes: int) -> None:
        starts_at = self.clock.now() + minutes * MINUTE
        asked |= {"starts_at": starts_at, "ends_at": starts_at + 45 * MINUTE}
        services.interview_reschedule(**asked)

    def _cancel(self, asked: dict[str, Any], minutes: int) -> None:
        services.interview_cancel(**asked, reason="ill", side="company")

    def _undo(self, asked: dict[str, Any], minutes: int) -> None:
        services.interview_undo(**asked)

    def _swap(self, asked: dict[str, Any], minutes: int) -> None:
        there = {part.interviewer_id for part in self.interview.assignment_list()}
        sides = {True: [], False: []}
        for person in self.people:
            sides[person.pk in there].append(person)
        services.interview_reassign(**asked, remove=sides[True], add=sides[False], reason="ill")

    def _decline(self, asked: dict[str, Any], minutes: int) -> None:
        services.interview_decline(**asked | {"actor": self._somebody()}, reason="ill")

    def _accept(self, asked: dict[str, Any], minutes: int) -> None:
        services.interview_accept(**asked | {"actor": self._somebody()})

    def _somebody(self) -> Actor:
        return Actor(user=self.interview.assignment_list()[0].interviewer, source="test")

    def _look(self) -> None:
        """Record since when the start is planned and since when each interviewer is assigned."""
        now, interview = self.clock.now(), self.interview
        is_off = interview.status not in WAITING
        if interview.starts_at != self.start or (self.was_off and not is_off):
            self.start_since = now
        self.start, self.was_off = interview.starts_at, is_off
        there = {part.interviewer_id for part in interview.assignment_list()}
        self.joined = {pk: self.joined.get(pk, now) for pk in there}

    def sweep(self, since: datetime, until: datetime) -> None:
        remind(since, until)
        self.swept = until
        self.told |= self._should_hear(since, until)
        heard = [
            (one.recipient_id, one.told_start, int(one.occasion.partition("@")[0]))
            for one in Notification.objects.filter(event="reminder")
        ]
        assert len(heard) == len(set(heard)), "somebody heard the same twice"
        assert set(heard) == self.told
        for notice in Notification.objects.filter(event="reminder", at=self.clock.now()):
            assert notice.told_start is not None
            assert notice.at < notice.told_start
        self._check_messages()

    def _should_hear(self, since: datetime, until: datetime) -> set[tuple[int, datetime, int]]:
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
    max_examples=ASKED or 15,
    derandomize=not ASKED,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(steps=SWEPT_OFTEN)
def test_each_reminder_is_sent_once_in_time_and_only_if_still_true(wu, zhao, steps):
    with transaction.atomic(), frozen(NOON) as clock:
        history = History(clock, (wu, zhao))
        for what, minutes in steps:
            history.play(what, minutes)
        history.sweep(history.swept, clock.now())
        transaction.set_rollback(True)


def test_without_changes_all_three_reminders_are_sent(wu, zhao):
    """Premise of the random histories."""
    with frozen(NOON) as clock:
        history = History(clock, (wu, zhao))
        for minutes in (61, 1380, 50):
            history.play("wait", minutes)
            history.sweep(history.swept, clock.now())
        assert {minutes for _, _, minutes in history.told} == {1440, 60, 10}
