"""`manage.py run`: sets up and runs the whole site on this machine."""

import signal
import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from project.embedded import EmbeddedError
from project.embedded.locations import places
from project.embedded.sharing import embedded_servers, missing_servers
from project.running import CannotRun, demo
from project.running.checks import free_port, room_on_disk
from project.running.site import HOST, given_servers_answer, keep_servers_running, prepare, runner
from project.running.supervisor import STOP_SIGNALS, die_with_parent


class Command(BaseCommand):
    """Starts the embedded servers, then all processes; stops everything on Ctrl-C or SIGTERM."""

    help = "Run the site and the servers it needs, on 127.0.0.1 and PORT (default 8000)."
    requires_system_checks = "__all__"
    play = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--stop-with-parent",
            action="store_true",
            help="Stop when the program that started this one is killed (Linux).",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["stop_with_parent"]:
            die_with_parent(signal.SIGTERM)
        for number in STOP_SIGNALS:
            signal.signal(number, signal.default_int_handler)
        try:
            culprit = self.serve()
        except KeyboardInterrupt:
            culprit = None
        except (CannotRun, EmbeddedError) as error:
            raise CommandError(str(error)) from None
        if culprit:
            raise CommandError(f"{culprit} keeps failing, so everything was stopped.")
        self.tell("Everything is stopped.")

    def serve(self) -> str | None:
        """Run until a stop signal; return the name of the process that keeps failing, if any."""
        demo.refuse_the_published_password()
        port = free_port(HOST, settings.ENVIRONMENT.port, self.tell)
        given_servers_answer()
        servers = missing_servers(settings.ENVIRONMENT)
        if servers:
            room_on_disk(places(settings.DATA_DIR).home)
        with embedded_servers(settings.DATA_DIR, names=servers, tell=self.tell):
            prepare(self.tell)
            self.tell("Starting web, relay, worker and beat …")
            site = runner(port, tell=self.tell, play=self.play)
            site.add_background(lambda: keep_servers_running(site, servers, self.tell))
            site.loop()
        return site.culprit

    def tell(self, sentence: str) -> None:
        self.stdout.write(sentence)
        sys.stdout.flush()
