"""Reads the measured costs from the table of performance.md."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from tests.load.document import DOCUMENT

RELAY_SECONDS_A_CHANGE = 0.0126
"""Of a change that comes alone, on the machine of the table; the table had no line for it."""


@dataclass(frozen=True, slots=True)
class Costs:
    """The work that one core does in a second, and the memory of one idle socket.

    messages_a_second: changes that a web process receives and sends to three hundred sockets each;
    to few sockets it can be more.
    """

    events_a_second: float
    messages_a_second: float
    reconnects_a_second: float
    socket_kib: float
    relay_seconds_a_change: float = RELAY_SECONDS_A_CHANGE


def read_costs(document: Path | None = None) -> Costs:
    """Returns the figures of the column "ours". Raises LookupError for a line that is missing."""
    text = (document or DOCUMENT).read_text(encoding="utf-8")
    return Costs(
        events_a_second=_figure(text, "Fan-out:"),
        messages_a_second=_figure(text, "… the greatest load"),
        reconnects_a_second=_figure(text, "Reconnect storm:"),
        socket_kib=_figure(text, "Idle socket:"),
    )


def _figure(table: str, beginning: str) -> float:
    """The first number in the second column of the row that begins so."""
    for row in table.splitlines():
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        if len(cells) > 1 and cells[0].startswith(beginning):
            number = re.match(r"[\d  ]+(\.\d+)?", cells[1])
            if number:
                return float(re.sub(r"\s", "", number[0]))
    raise LookupError(f"There is no line {beginning!r} with a figure.")
