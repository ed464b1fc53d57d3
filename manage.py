#!/usr/bin/env python
"""Django's command line, for this project."""

import os
import signal
import sys
from contextlib import suppress

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

# These look at the code alone, start the servers themselves and say so, or look who is there.
WITHOUT_SERVERS = {
    *("help", "version", "check", "collectstatic", "messages"),
    *("run", "runserver", "demo", "start"),
    "doctor",
}


def main() -> None:
    """Run one command, with the embedded servers up for its duration where it needs them."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
    from project.embedded import EmbeddedError
    from project.embedded.locations import make_private
    from project.embedded.sharing import embedded_servers, missing_servers

    try:
        from project.settings import DATA_DIR, ENVIRONMENT

        signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
        if wanted():
            with suppress(OSError):  # a volume that belongs to another account, or is read-only
                make_private(DATA_DIR)
        with embedded_servers(DATA_DIR, names=missing_servers(ENVIRONMENT) if wanted() else ()):
            execute_from_command_line(sys.argv)
    except (ImproperlyConfigured, EmbeddedError) as error:
        sys.exit(str(error))


def wanted() -> bool:
    """Whether the command line names a command that talks to the database or to Redis."""
    asks_for_help = {"-h", "--help"} & set(sys.argv)
    return len(sys.argv) > 1 and sys.argv[1] not in WITHOUT_SERVERS and not asks_for_help


if __name__ == "__main__":
    main()
