"""Writes the table into the performance document, between its two markers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from tests.load import machine
from tests.load.table import Line, markdown

DOCUMENT = Path(__file__).resolve().parents[2] / "deploy" / "docs" / "performance.md"
BEGIN = "<!-- measured: written by make bench BENCH_OPTIONS=--write -->"
END = "<!-- end of measured -->"


def write(lines: Sequence[Line], server: str) -> Path:
    """Replaces the measured part of the document. Raises ValueError if a marker is missing."""
    text = DOCUMENT.read_text(encoding="utf-8")
    before, rest = text[: text.index(BEGIN)], text[text.index(END) :]
    measured = f"{BEGIN}\n\n{heading(server)}\n\n{markdown(lines)}\n\n"
    DOCUMENT.write_text(before + measured + rest, encoding="utf-8")
    return DOCUMENT


def heading(server: str) -> str:
    """Returns the date, the machine and the web server in one line."""
    return f"{date.today().isoformat()}, {machine.describe()}; web server {server}."
