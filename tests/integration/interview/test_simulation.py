"""The day that plays itself: through the product's door, without end, within its rules."""

from __future__ import annotations

import os
import signal
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from threading import Timer

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import connection

from interview.demo import loader
from interview.models import Interview, InterviewEvent, Room
from interview.services.actions import perform
from interview.simulation.day import card_of
from interview.simulation.driver import REFUSED, Simulation
from interview.simulation.planner import Fate, Move, Planner
from jobs.models import Campaign
from tests.factories import make_interview, make_interviewer, make_member
from tests.support.clock import Clock, frozen

AFTERNOON = datetime(2026, 11, 25, 6, 35, tzinfo=UTC)  # 14:35 in Beijing
pytestmark = pytest.mark.django_db


def simulation_of(campaign: Campaign, coordinator: User, seed: int = 1) -> Simulation:
    return Simulation(campaign, coordinator, Planner(seed=seed, pace=60), Random(seed))


def play(simulation: Simulation, clock: Clock, steps: int, *, seconds: float = 1) -> None:
    """Steps so many seconds apart."""
    for _ in range(steps):
        simulation.step()
        clock.shift(seconds=seconds)


def nobody_is_in_two_conversations() -> None:
    running = Interview.objects.filter(status="in_progress").prefetch_related("assignments")
    rooms = [interview.room_id for interview in running]
    people = [a.interviewer_id for interview in running for a in interview.assignments.all()]
    assert len(set(rooms)) == len(rooms)
    assert len(set(people)) == len(people)


# REFUSED: some people press twice.
WHAT_DAYS_HAVE = (
    *("check-in", "start", "finish", "scorecard", "accept", "confirm", "reassign"),
    REFUSED,
)


@pytest.fixture
def _first_numbers() -> None:
    """Who declines, and when, hangs on the cards' numbers: here not on what was tested before."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER SEQUENCE interview_interview_id_seq RESTART")  # ends with the test


@pytest.mark.usefixtures("_first_numbers")
def test_a_day_has_everything_that_days_have():
    with frozen(AFTERNOON) as clock:
        loader.load(password="a-password-for-the-demo")
        campaign = Campaign.objects.get(slug="autumn-2026")
        simulation = simulation_of(campaign, User.objects.get(username="lin"))
        done = simulation.done
        events = InterviewEvent.objects.filter(source="simulation")
        for _ in range(60):  # at most half an hour of the day
            play(simulation, clock, 15, seconds=2)
            nobody_is_in_two_conversations()
            if events.count() >= 80 and all(done[name] for name in WHAT_DAYS_HAVE):
                break
    assert {name for name in WHAT_DAYS_HAVE if not done[name]} == set()
    assert done.total() >= 100, done
    assert events.count() >= 80
    assert not events.filter(by=None).exists(), "a person did each of them"


@pytest.fixture
def simulation(campaign, lin, wu, zhao, clock):
    """A small day of Lin's: Wu and Zhao have an interview each."""
    make_interview(campaign=campaign, interviewers=[wu], starts_at=clock.now(), status="arrived")
    make_interview(campaign=campaign, interviewers=[zhao], starts_at=clock.now())
    return simulation_of(campaign, lin)


def test_when_the_plan_is_exhausted_more_is_planned(simulation, clock):
    """Soon, a plan that held two interviews has been gone through twice."""
    for _ in range(20):
        play(simulation, clock, 50, seconds=6)
        if simulation.done["finish"] >= 4 and simulation.done["scorecard"] >= 3:
            break
    assert simulation.done["plan"] >= 3
    assert simulation.done["finish"] >= 4
    assert simulation.done["scorecard"] >= 3
    assert Room.objects.count() <= 6, "rooms are opened within limits"


def test_the_same_day_and_seed_give_the_same_moves(simulation, clock):
    day, planner = simulation.look(), simulation.planner
    first = [planner.next_move(day, clock.now(), Random(n)) for n in range(20)]
    again = [planner.next_move(day, clock.now(), Random(n)) for n in range(20)]
    assert first == again
    assert len({move.action for move in first if move}) > 1


def test_one_who_declines_is_replaced(campaign, lin, wu, zhao, clock):
    make_interview(campaign=campaign, interviewers=[zhao], status="completed")
    later = clock.now() + timedelta(hours=2)
    interview = make_interview(campaign=campaign, interviewers=[wu], starts_at=later)
    perform(
        action="decline", interview_id=interview.pk, by=wu, source="api",
        data={"version": interview.version, "reason": "Ill"},
    )  # fmt: skip
    card = card_of(interview)
    calm = next(n for n in range(1000) if 0.2 < Fate.of(card, n).share < 0.8)
    play(simulation_of(campaign, lin, calm), clock, 30)
    parts = Interview.objects.get(pk=interview.pk).assignments.all()
    assert [part.interviewer for part in parts] == [zhao]


def test_a_no_show_is_confirmed_by_the_coordinator(campaign, lin, wu, clock):
    interview = make_interview(campaign=campaign, interviewers=[wu], starts_at=clock.now())
    seed = next(n for n in range(1000) if Fate.of(card_of(interview), n).is_no_show)
    simulation = simulation_of(campaign, lin, seed)
    play(simulation, clock, 60)
    assert Interview.objects.get(pk=interview.pk).status in {"scheduled", "confirmed"}
    clock.shift(minutes=6)
    play(simulation, clock, 60)
    event = interview.events.get(action="no-show")
    assert event.by == lin
    assert event.at > interview.starts_at


def test_what_somebody_else_changed_meanwhile_is_refused_and_the_day_goes_on(simulation, clock):
    """A person acts on the board between the simulation's look and its step."""
    card = next(card for card in simulation.look().cards if card.status == "arrived")
    stale = Move(action="start", card=replace(card, version=card.version - 1), by=card.attending[0])
    simulation._do(stale, stale.card)
    assert simulation.done[REFUSED] == 1
    play(simulation, clock, 30)
    assert simulation.done["start"]


def test_it_stops_after_so_many_steps(simulation, campaign, capsys):
    call_command("simulate_day", campaign=campaign.slug, steps=3, speed=3600)
    assert "The day was played" in capsys.readouterr().out


def test_it_stops_when_told_to(simulation, campaign, capsys):
    """SIGTERM in the middle of a pause of a minute: it ends at once, and cleanly."""
    before = signal.getsignal(signal.SIGTERM)
    timer = Timer(0.3, os.kill, (os.getpid(), signal.SIGTERM))
    timer.start()
    call_command("simulate_day", campaign=campaign.slug, speed=1)
    assert "The day was played" in capsys.readouterr().out
    assert signal.getsignal(signal.SIGTERM) is before


@pytest.mark.parametrize("wrong", [{"campaign": "nowhere"}, {"speed": 0}, {"speed": 1e9}])
def test_a_wrong_wish_is_told_in_one_sentence(campaign, lin, wrong):
    with pytest.raises(CommandError, match=r"^[^.\n]+\.$"):
        call_command("simulate_day", **wrong)


def test_a_campaign_that_nobody_coordinates_is_not_played(campaign):
    with pytest.raises(CommandError, match="Nobody coordinates"):
        call_command("simulate_day", campaign=campaign.slug)
    make_member(campaign, make_interviewer())
    call_command("simulate_day", campaign=campaign.slug, steps=1, speed=3600)
