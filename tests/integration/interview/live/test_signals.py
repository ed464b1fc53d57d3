"""Which rows a change is recorded for: all that it may alter, and no others."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.db.models import Model
from django.test.utils import CaptureQueriesContext

from interview import services
from interview.models import Interview, RoundTemplate
from interview.services.transitions import Actor
from jobs.models import Campaign
from realtime.models import Change
from tests.factories import (
    bring_to,
    make_campaign,
    make_candidate,
    make_interview,
    make_interviewer,
    make_job,
    make_room,
    make_scorecard,
)
from tests.support.product.clock import Clock
from tests.support.product.day_topics import todays_board

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
ACTOR = Actor(user=None, source="test")

MAKERS = {
    "candidate": make_candidate,
    "person": lambda: User.objects.create(username="ada", first_name="Ada"),
    "job": lambda: make_job(campaign=make_campaign()),
    "round": lambda: RoundTemplate.objects.create(number=9, name="Tea", duration_minutes=10),
}


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_a_new_row_that_no_interview_refers_to_is_not_looked_up(make: Callable[[], Model]) -> None:
    """test_snapshot_equals_replay.py shows that a changed one is."""
    with CaptureQueriesContext(connection) as asked:
        make()
    statements = [query["sql"] for query in asked.captured_queries]
    assert [one for one in statements if 'FROM "interview_interview"' in one] == []
    assert not Change.objects.exists()


@pytest.fixture
def late_room(campaign: Campaign, clock: Clock) -> list[Interview]:
    """Three interviews one after the other; the first should have begun ten minutes ago."""
    room, start = make_room(campaign=campaign), clock.now() - timedelta(minutes=10)
    return [
        make_interview(room=room, starts_at=start + place * HOUR, interviewers=[make_interviewer()])
        for place in range(3)
    ]


def recorded(campaign: Campaign) -> set[str]:
    """Keys of the board's changes."""
    return {*Change.objects.filter(topic=todays_board(campaign)).values_list("key", flat=True)}


def key_of(interview: Interview) -> str:
    return f"interview:{interview.pk}"


@pytest.mark.parametrize("status", ["confirmed", "arrived"])
def test_a_confirmation_or_arrival_concerns_neither_the_late_room_nor_its_later_interviews(
    late_room: list[Interview], campaign: Campaign, status: str
) -> None:
    Change.objects.all().delete()
    bring_to(late_room[0], status)
    rows = {key for key in recorded(campaign) if not key.startswith("counter:")}
    assert rows == {key_of(late_room[0])}


@pytest.mark.parametrize("act", ["start", "cancel", "reschedule"])
def test_what_needs_the_room_for_another_time_concerns_all_that_wait_for_it(
    late_room: list[Interview], campaign: Campaign, act: str
) -> None:
    first = bring_to(late_room[0], "arrived") if act == "start" else late_room[0]
    arguments = {
        "start": {},
        "cancel": {"reason": "ill", "side": "candidate"},
        "reschedule": {
            "starts_at": first.starts_at + 5 * HOUR,
            "ends_at": first.ends_at + 5 * HOUR,
            "reason": "ill",
        },
    }
    Change.objects.all().delete()
    service = getattr(services, f"interview_{act}")
    service(interview_id=first.pk, version=first.version, actor=ACTOR, **arguments[act])
    assert {f"room:{first.room_id}", *map(key_of, late_room)} <= recorded(campaign)


def test_a_scorecard_concerns_its_own_interview_alone(
    late_room: list[Interview], campaign: Campaign
) -> None:
    finished = bring_to(late_room[0], "feedback_due")
    Change.objects.all().delete()
    make_scorecard(interview=finished, interviewer=finished.assignments.get().interviewer)
    cards = {key for key in recorded(campaign) if key.startswith("interview:")}
    assert cards == {key_of(finished)}


def test_only_counters_that_may_have_changed_are_recorded(
    late_room: list[Interview], campaign: Campaign
) -> None:
    Change.objects.all().delete()
    bring_to(late_room[0], "arrived")
    counters = {key for key in recorded(campaign) if key.startswith("counter:")}
    assert counters == {"counter:today", "counter:late", "counter:arrived"}
