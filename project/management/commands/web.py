"""`manage.py web`: serves pages and WebSockets with the server set as WEB_SERVER."""

import socket
from argparse import ArgumentParser
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError

from monitoring import process_kind
from monitoring.metrics import exposition
from project.asgi import application
from project.database.pool import fail_fast
from project.servers import serve, shared_listener
from realtime import site_identity
from realtime.gc_tuning import tune_garbage_collector


class Command(BaseCommand):
    """Serves the ASGI application until SIGTERM."""

    help = "Serve pages and WebSockets."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=settings.ENVIRONMENT.port)
        parser.add_argument(
            "--share-port",
            action="store_true",
            help="Let other web processes listen on the same port; serve metrics on METRICS_PORT.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        tune_garbage_collector()
        process_kind.set_kind("web")
        fail_fast()
        with suppress(OperationalError):  # asked again later; asking here blocks no event loop
            site_identity.site_id()
        listener = None
        if options["share_port"]:
            listener = listen_at(options["host"], options["port"])
            exposition.serve()  # a scrape of the shared port reaches any of the processes
        serve(
            application,
            server=settings.WEB_SERVER,
            host=options["host"],
            port=options["port"],
            listener=listener,
        )


def listen_at(host: str, port: int) -> socket.socket:
    """A listening socket on a shared port. Raises CommandError with the reason if there is none."""
    try:
        return shared_listener(host, port)
    except (OSError, OverflowError) as error:
        raise CommandError(f"--port: cannot listen on {host}:{port}: {error}.") from None
