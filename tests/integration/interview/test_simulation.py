"""The simulated day: it uses the services, never ends by itself and keeps their rules."""

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
from interview.simulation.planner import Outcome, Planner, Step
from jobs.models import Campaign
from tests.factories import make_interview, make_interviewer, make_member
from tests.support.product.clock import Clock, frozen

AFTERNOON = datetime(2026, 11, 25, 6, 35, tzinfo=UTC)  # 14:35 in Beijing
pytestmark = pytest.mark.django_db


def simulation_of(campaign: Campaign, coordinator: User, seed: int = 1) -> Simulation:
    return Simulation(campaign, coordinator, Planner(seed=seed, speed=60), Random(seed))


def play(simulation: Simulation, clock: Clock, steps: int, *, seconds: float = 1) -> None:
    """Play this many steps, `seconds` apart."""
    for _ in range(steps):
        simulation.play_step()
        clock.shift(seconds=seconds)


def assert_no_double_bookings() -> None:
    running = Interview.objects.filter(status="in_progress").prefetch_related("assignments")
    rooms = [interview.room_id for interview in running]
    people = [a.interviewer_id for interview in running for a in interview.assignments.all()]
    assert len(set(rooms)) == len(rooms)
    assert len(set(people)) == len(people)


# REFUSED occurs because some simulated people press a button twice.
ACTIONS_OF_A_DAY = (
    *("check-in", "start", "finish", "scorecard", "accept", "confirm", "reassign"),
    REFUSED,
)


@pytest.fixture
def _ids_from_one() -> None:
    """Which interviewers decline depends on the interviews' ids, so these must not vary."""
    with connection.cursor() as cursor:
        cursor.execute(
            "ALTER SEQUENCE interview_interview_id_seq RESTART"
        )  # rolled back after the test


@pytest.mark.usefixtures("_ids_from_one")
def test_a_simulated_day_contains_every_kind_of_action():
    with frozen(AFTERNOON) as clock:
        loader.load(password="a-password-for-the-demo")
        campaign = Campaign.objects.get(slug="autumn-2026")
        simulation = simulation_of(campaign, User.objects.get(username="lin"))
        done = simulation.done
        events = InterviewEvent.objects.filter(source="simulation")
        for _ in range(60):  # at most half an hour of the day
            play(simulation, clock, 15, seconds=2)
            assert_no_double_bookings()
            if events.count() >= 80 and all(done[name] for name in ACTIONS_OF_A_DAY):
                break
    assert {name for name in ACTIONS_OF_A_DAY if not done[name]} == set()
    assert done.total() >= 100, done
    assert events.count() >= 80
    assert not events.filter(by=None).exists(), "each event names the user who acted"


@pytest.fixture
def simulation(campaign, lin, wu, zhao, clock):
    """A small day of Lin's: Wu and Zhao have an interview each."""
    make_interview(campaign=campaign, interviewers=[wu], starts_at=clock.now(), status="arrived")
    make_interview(campaign=campaign, interviewers=[zhao], starts_at=clock.now())
    return simulation_of(campaign, lin)


def test_interviews_are_added_when_the_day_runs_out_of_them(simulation, clock):
    """A day of two interviews soon has twice as many."""
    for _ in range(100):
        play(simulation, clock, 10, seconds=6)
        if simulation.done["finish"] >= 4 and simulation.done["scorecard"] >= 3:
            break
    assert simulation.done["plan"] >= 3
    assert simulation.done["finish"] >= 4
    assert simulation.done["scorecard"] >= 3
    assert Room.objects.count() <= 6, "the number of extra rooms is limited"


def test_the_same_day_and_seed_give_the_same_steps(simulation, clock):
    day, planner = simulation.read_day(), simulation.planner
    first = [planner.next_step(day, clock.now(), Random(n)) for n in range(20)]
    again = [planner.next_step(day, clock.now(), Random(n)) for n in range(20)]
    assert first == again
    assert len({step.action for step in first if step}) > 1


def test_an_interviewer_who_declines_is_replaced(campaign, lin, wu, zhao, clock):
    make_interview(campaign=campaign, interviewers=[zhao], status="completed")
    later = clock.now() + timedelta(hours=2)
    interview = make_interview(campaign=campaign, interviewers=[wu], starts_at=later)
    perform(
        action="decline", interview_id=interview.pk, by=wu, source="api",
        data={"version": interview.version, "reason": "Ill"},
    )  # fmt: skip
    card = card_of(interview)
    calm = next(n for n in range(1000) if 0.2 < Outcome.of(card, n).share < 0.8)
    play(simulation_of(campaign, lin, calm), clock, 30)
    assignments = Interview.objects.get(pk=interview.pk).assignments.all()
    assert [part.interviewer for part in assignments] == [zhao]


def test_a_no_show_is_confirmed_by_the_coordinator(campaign, lin, wu, clock):
    interview = make_interview(campaign=campaign, interviewers=[wu], starts_at=clock.now())
    seed = next(n for n in range(1000) if Outcome.of(card_of(interview), n).is_no_show)
    simulation = simulation_of(campaign, lin, seed)
    play(simulation, clock, 60)
    assert Interview.objects.get(pk=interview.pk).status in {"scheduled", "confirmed"}
    clock.shift(minutes=6)
    play(simulation, clock, 60)
    event = interview.events.get(action="no-show")
    assert event.by == lin
    assert event.at > interview.starts_at


def test_a_step_on_a_stale_card_is_refused_and_the_day_goes_on(simulation, clock):
    """A person changes an interview after the simulation has read the day."""
    card = next(card for card in simulation.read_day().cards if card.status == "arrived")
    stale = Step(action="start", card=replace(card, version=card.version - 1), by=card.attending[0])
    simulation._do(stale, stale.card)
    assert simulation.done[REFUSED] == 1
    play(simulation, clock, 30)
    assert simulation.done["start"]


def test_it_stops_after_so_many_steps(simulation, campaign, capsys):
    call_command("simulate_day", campaign=campaign.slug, steps=3, speed=3600)
    assert "The day was played" in capsys.readouterr().out


def test_sigterm_stops_it_during_a_pause(simulation, campaign, capsys):
    """The pause would last a minute; the command ends at once and restores the signal handler."""
    before = signal.getsignal(signal.SIGTERM)
    timer = Timer(0.3, os.kill, (os.getpid(), signal.SIGTERM))
    timer.start()
    call_command("simulate_day", campaign=campaign.slug, speed=1)
    assert "The day was played" in capsys.readouterr().out
    assert signal.getsignal(signal.SIGTERM) is before


@pytest.mark.parametrize("wrong", [{"campaign": "nowhere"}, {"speed": 0}, {"speed": 1e9}])
def test_a_wrong_option_is_reported_in_one_sentence(campaign, lin, wrong):
    with pytest.raises(CommandError, match=r"^[^.\n]+\.$"):
        call_command("simulate_day", **wrong)


def test_a_campaign_without_a_coordinator_is_not_played(campaign):
    with pytest.raises(CommandError, match="has no active coordinator"):
        call_command("simulate_day", campaign=campaign.slug)
    make_member(campaign, make_interviewer())
    call_command("simulate_day", campaign=campaign.slug, steps=1, speed=3600)
