"""`python -m tests.load`: measures all or some of the promised speeds and prints one table."""

from __future__ import annotations

import signal
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from importlib import import_module

from project.environment.reader import Environment
from tests.load import document, machine
from tests.load.environment import prepared
from tests.load.table import Line, printed

BENCHMARKS = (
    "fan_out",
    "overhead",
    "latency",
    "storm",
    "idle",
    "soak",
    "big_board",
    "board_page",
    "long_campaign",
    "list_pages",
    "imports",
    "exports",
    "relay",
)
DEFAULT_SERVER = "daphne"


def main(arguments: Sequence[str] | None = None) -> None:
    wanted = _read(arguments)
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    machine.allow_many_sockets()
    lines: list[Line] = []
    try:
        with prepared():
            # Imported only now: these modules read settings and models.
            ground = import_module("tests.load.processes").Ground(server=wanted.server)
            for name in wanted.only or BENCHMARKS:
                lines += import_module(f"tests.load.{name}").run(ground)
    finally:  # figures measured before a failure are worth keeping
        print(f"\n{document.heading(wanted.server)}\n\n{printed(lines)}")  # noqa: T201 its output
    if wanted.write:
        print(f"Written into {document.write(lines, wanted.server)}.")  # noqa: T201 its output


def _read(arguments: Sequence[str] | None) -> Namespace:
    """Returns the options. Exits with a message if machine or settings lack support."""
    parser = _parser()
    wanted = parser.parse_args(arguments)
    if sys.platform != "linux":
        parser.error("the benchmarks give each process its core, which only Linux does")
    if wanted.server != DEFAULT_SERVER and "web_server" not in Environment.model_fields:
        parser.error(f"there is no setting WEB_SERVER to choose {wanted.server} with")
    return wanted


def _parser() -> ArgumentParser:
    parser = ArgumentParser(prog="python -m tests.load", description=__doc__)
    parser.add_argument("--only", nargs="*", choices=BENCHMARKS, help="these and no others")
    parser.add_argument("--server", default=DEFAULT_SERVER, help="the ASGI server of the web")
    parser.add_argument("--write", action="store_true", help="also into deploy/docs/performance.md")
    return parser


if __name__ == "__main__":
    main()
