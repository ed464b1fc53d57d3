"""`manage.py send_test_alert`: sends a test alert, and says whether it arrived, by destination."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import requests
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from monitoring.alerts import sender, test_alert
from monitoring.alerts.destinations import DESTINATIONS, Destination, NotSent

PAUSE_SECONDS = 0.5
# Its counters do not tell whose mail it was: a message about another alert counts as well.
MAILED = "Alertmanager has sent a mail meanwhile; look for it in the mailbox"
Outcome = str | None
"""test_alert.SENT, MAILED, or the reason why nothing was sent; None while it is not known."""


class Command(BaseCommand):
    """Exits with an error if the alert has reached nobody."""

    help = "Send a test alert, and say for each destination whether it arrived."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--alertmanager",
            metavar="URL",
            nargs="?",
            const=settings.ALERTMANAGER_URL,
            help=(
                "post it to this Alertmanager, by default ALERTMANAGER_URL, to try the whole way; "
                "otherwise this process sends"
            ),
        )
        parser.add_argument(
            "--wait", type=float, default=120.0, help="seconds to wait for Alertmanager"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        with translation.override("en"):
            for one in DESTINATIONS.values():
                if not one.works:
                    self.stdout.write(f"{one.label}: not set up. {one.remedy()}")
            if not any(one.works for one in DESTINATIONS.values()):
                raise CommandError("The test alert was sent to nobody.")
            if options["alertmanager"] is not None:
                arrived = self._by_alertmanager(options["alertmanager"], options["wait"])
            else:
                arrived = self._from_here()
        if not arrived:
            raise CommandError("The test alert has reached nobody.")

    def _from_here(self) -> bool:
        """Returns whether a destination has taken the alert."""
        group = test_alert.as_group(test_alert.build())
        outcomes = []
        for name, one in DESTINATIONS.items():
            if one.works:
                try:
                    sender.send(name, group)
                    outcomes.append(self._say(one, test_alert.SENT))
                except NotSent as error:
                    outcomes.append(self._say(one, error.text))
        return any(outcomes)

    def _by_alertmanager(self, address: str, seconds: float) -> bool:
        """Returns whether the alert has arrived at a destination within so many seconds."""
        if urlsplit(address).scheme not in {"http", "https"}:
            raise CommandError(
                "--alertmanager: must be an address such as http://127.0.0.1:9093, or set"
                " ALERTMANAGER_URL."
            )
        address = address.rstrip("/")
        try:
            waiting = _watches(address, alert := test_alert.build())
            test_alert.post(address, alert)
            self.stdout.write(f"Posted to Alertmanager; waiting up to {seconds:.0f} s …")
            return self._wait(waiting, seconds)
        except requests.RequestException as error:
            reason = type(error).__name__
            raise CommandError(f"Alertmanager does not respond as it should: {reason}.") from None

    def _wait(self, waiting: dict[str, Callable[[], Outcome]], seconds: float) -> bool:
        until, arrived = time.monotonic() + seconds, False
        while waiting and time.monotonic() < until:
            for name, watch in list(waiting.items()):
                outcome = watch()
                if outcome is not None:
                    del waiting[name]
                    arrived |= self._say(DESTINATIONS[name], outcome)
            time.sleep(PAUSE_SECONDS if waiting else 0)
        for name in waiting:
            self._say(DESTINATIONS[name], f"nothing came within {seconds:.0f} s")
        return arrived

    def _say(self, one: Destination, outcome: str) -> bool:
        """Prints what came of the alert, and returns whether it has arrived."""
        if outcome in {test_alert.SENT, MAILED}:
            self.stdout.write(f"{one.label}: {self.style.SUCCESS(outcome)}. {one.sentence()}")
            return True
        self.stdout.write(f"{one.label}: {self.style.ERROR('failed')}: {outcome}")
        return False


def _watches(address: str, alert: dict[str, Any]) -> dict[str, Callable[[], Outcome]]:
    """Functions that return the outcome, for each destination that is set up."""
    before = test_alert.mails(address)

    def mail() -> Outcome:
        ended, failed = test_alert.mails(address)
        if failed > before[1]:
            return "Alertmanager could not send it; its log has the reason"
        return MAILED if ended > before[0] else None

    watches = {"dingtalk": lambda: test_alert.recorded(alert), "email": mail}
    return {name: watch for name, watch in watches.items() if DESTINATIONS[name].works}
