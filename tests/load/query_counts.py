"""Counts SQL statements through PostgreSQL's own log."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection

from project.embedded.locations import places

STATEMENT = re.compile(r"(?:statement|execute [^:]*): (.*)")
LOG = "postgresql.log"


@contextmanager
def counted() -> Iterator[list[str]]:
    """Collects the statements of sessions opened within; the list is filled at the end."""
    log: Path = places(settings.DATA_DIR).home / LOG
    statements: list[str] = []
    _write_down("all")
    began_at = log.stat().st_size
    try:
        yield statements
    finally:
        _write_down("none")
        with log.open(encoding="utf-8", errors="replace") as text:
            text.seek(began_at)
            statements += [found[1] for line in text if (found := STATEMENT.search(line))]


def _write_down(which: str) -> None:
    """Sets what future sessions log; open ones keep their setting."""
    database = connection.settings_dict["NAME"]
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER DATABASE {database} SET log_statement = '{which}'")
