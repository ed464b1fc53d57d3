"""Runs the product's own logging configuration into files that a test can read."""

from __future__ import annotations

import io
import json
import logging.config
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings

from monitoring.logs.configuration import logging_configuration


class CapturedLog:
    """Returns the output of every log handler so far."""

    def __init__(self, screen: io.StringIO, directory: Path) -> None:
        self.screen, self.directory = screen, directory

    def texts(self) -> dict[str, str]:
        files = {path.name: path.read_text() for path in self.directory.glob("*.log")}
        return files | {"screen": self.screen.getvalue()}

    def lines(self, name: str = "recruit.log") -> list[dict[str, Any]]:
        """Returns the JSON lines of one file."""
        return [json.loads(line) for line in self.texts()[name].splitlines()]


@contextmanager
def logging_to(directory: Path, shape: str, level: str = "INFO") -> Iterator[CapturedLog]:
    """Sends log lines to files in this directory, and the console's lines to a buffer."""
    screen = io.StringIO()
    chosen = logging_configuration(level=level, shape=shape, directory=directory)
    chosen["handlers"]["console"]["stream"] = screen
    logging.config.dictConfig(chosen)
    try:
        yield CapturedLog(screen, directory)
    finally:
        logging.config.dictConfig(settings.LOGGING)
