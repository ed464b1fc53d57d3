"""`python -m tests.game_day` causes faults one by one: each must be told within two minutes.

A fault follows the repair of the one before it, so that no alert may hide behind a repaired one.
Prints a table: the fault, the alert that people received, and after how many seconds.
"""

from __future__ import annotations

import os
import signal
import sys
from argparse import ArgumentParser
from contextlib import ExitStack
from importlib import import_module
from pathlib import Path

from tests.support.product.servers import start_servers


def main() -> None:
    parser = ArgumentParser(prog="python -m tests.game_day", description=__doc__)
    parser.add_argument("--only", nargs="*", metavar="FAULT", help="these, in this order")
    parser.add_argument(
        "--pairs", action="store_true", help="every ordered pair of the faults that explain others"
    )
    parser.add_argument(
        "--factor", type=float, default=1.0, help="by which every wait of the rules is shortened"
    )
    parser.add_argument(
        "--hold", type=float, default=60.0, help="seconds for which a fault lasts after it was told"
    )
    parser.add_argument("--table", type=Path, help="write the table to this file too")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    with ExitStack() as until:
        start_servers(until)
        _set_up_django()
        # Imported only now: it reads settings and models.
        play = import_module("tests.game_day.play")
        results = play.play(
            only=options.only,
            pairs=options.pairs,
            factor=options.factor,
            hold_seconds=options.hold,
        )
    table = play.table(results, factor=options.factor)
    print(table)  # noqa: T201 its output
    if options.table:
        options.table.write_text(f"{table}\n")
    failed = [result.fault for result in results if not result.is_right]
    sys.exit(f"Failed: {', '.join(failed)}" if failed else 0)


def _set_up_django() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.game_day.settings"
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)


if __name__ == "__main__":
    main()
