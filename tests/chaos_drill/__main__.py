"""`python -m tests.chaos_drill` breaks one thing at a time: only the right alert may fire.

Alert rules wait as long as in production, so the whole drill takes about an hour.
"""

from __future__ import annotations

import os
import signal
import sys
from argparse import ArgumentParser
from contextlib import ExitStack
from importlib import import_module

from tests.support.product.servers import start_servers

FAULTS = ("relay", "redis", "worker", "database", "dingtalk")  # a robot pauses 10 minutes: last


def main() -> None:
    parser = ArgumentParser(prog="python -m tests.chaos_drill", description=__doc__)
    parser.add_argument("--only", nargs="*", choices=FAULTS, help="these and no others")
    wanted = parser.parse_args().only or FAULTS
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    with ExitStack() as until:
        start_servers(until)
        _set_up_django()
        # Imported only now: it reads settings and models.
        failed = import_module("tests.chaos_drill.faults").play(wanted)
    sys.exit(f"Failed: {', '.join(failed)}" if failed else 0)


def _set_up_django() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "project.settings"
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)


if __name__ == "__main__":
    main()
