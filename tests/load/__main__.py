"""`python -m tests.load`: measure every promise of speed, or some, and print one table."""

from __future__ import annotations

import signal
import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from importlib import import_module

from tests.load import machine
from tests.load.ground import prepared
from tests.load.table import Line, printed

BENCHMARKS = ("fan_out", "latency", "storm", "idle", "big_board", "importing", "relaying")


def main(arguments: Sequence[str] | None = None) -> None:
    wanted = _parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    machine.allow_many_sockets()
    lines: list[Line] = []
    with prepared():
        # Not before now: they read settings and models.
        ground = import_module("tests.load.processes").Ground(server=wanted.server)
        for name in wanted.only or BENCHMARKS:
            lines += import_module(f"tests.load.{name}").run(ground)
    print(f"\n{machine.describe()}; web server {wanted.server}\n")  # noqa: T201 a program's output
    print(printed(lines))  # noqa: T201 a program's output


def _parser() -> ArgumentParser:
    parser = ArgumentParser(prog="python -m tests.load", description=__doc__)
    parser.add_argument("--only", nargs="*", choices=BENCHMARKS, help="these and no others")
    parser.add_argument("--server", default="daphne", help="the ASGI server of the web process")
    return parser


if __name__ == "__main__":
    main()
