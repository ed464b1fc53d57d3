"""`manage.py simulate_day`: plays an interview day, so that the boards change by themselves."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from threading import Event
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError, CommandParser

from interview.simulation.driver import Simulation
from interview.simulation.planner import Planner
from jobs.models import Campaign

MAX_SPEED = 3600.0


class Command(BaseCommand):
    """Plays a campaign's interview day through the services, until SIGTERM or Ctrl-C."""

    help = "Play an interview day: arrivals, delays, reassignments, scorecards. Ctrl-C stops it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--speed", type=float, default=60.0, help="factor of real time")
        parser.add_argument("--campaign", metavar="SLUG", help="default: the first open campaign")
        parser.add_argument("--seed", type=int, default=1, help="seed of the random decisions")
        parser.add_argument("--steps", type=int, help="stop after this many steps")

    def handle(self, *args: Any, **options: Any) -> None:
        if not 0 < options["speed"] <= MAX_SPEED:
            raise CommandError(f"--speed must be more than 0 and at most {MAX_SPEED:.0f}.")
        simulation = self._simulation(options)
        self.stdout.write(
            f"Playing the day of {simulation.campaign} at {options['speed']:g} × its speed."
        )
        with _stop_on_signals() as stop:
            simulation.play(stop, steps=options["steps"])
        counted = ", ".join(f"{name} {number}" for name, number in simulation.done.most_common())
        self.stdout.write(f"The day was played: {counted or 'nothing happened'}.")

    def _simulation(self, options: dict[str, Any]) -> Simulation:
        campaign = _campaign(options["campaign"])
        coordinator = User.objects.filter(
            campaign_memberships__campaign=campaign,
            campaign_memberships__role="coordinator",
            is_active=True,
        ).first()
        if coordinator is None:
            raise CommandError(f"{campaign} has no active coordinator.")
        return Simulation(
            campaign=campaign,
            coordinator=coordinator,
            planner=Planner(seed=options["seed"], speed=options["speed"]),
            random=Random(options["seed"]),
            report=self.stdout.write if options["verbosity"] > 1 else lambda line: None,
        )


def _campaign(slug: str | None) -> Campaign:
    campaigns = Campaign.objects.filter(is_open=True).order_by("pk")
    campaign = (campaigns.filter(slug=slug) if slug else campaigns).first()
    if campaign is None:
        raise CommandError(
            f"There is no open campaign {slug}." if slug else "There is no open campaign."
        )
    return campaign


@contextmanager
def _stop_on_signals() -> Iterator[Event]:
    """Yield an event that SIGTERM and Ctrl-C set."""
    stop = Event()
    before = {
        number: signal.signal(number, lambda *_received: stop.set())
        for number in (signal.SIGTERM, signal.SIGINT)
    }
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
