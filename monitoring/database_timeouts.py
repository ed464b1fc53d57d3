"""Time limits of database connections, most of them by kind of process.

PostgreSQL has none by default: a statement that waits for a lock, or a transaction that somebody
forgot, would stop pages and tasks without an error that anybody sees.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import psycopg

from monitoring.process_kind import ProcessKind

CONNECT_SECONDS = 2  # to connect, where somebody waits; the least that libpq allows


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """Limits in seconds; 0: none.

    statement            of a statement, waiting for locks included
    lock                 of waiting for one lock
    idle_in_transaction  of a transaction without a statement; PostgreSQL then ends the connection
    """

    statement: int
    lock: int
    idle_in_transaction: int

    def parameters(self) -> dict[str, str]:
        """The parameters of PostgreSQL by name, with units."""
        return {
            "statement_timeout": f"{self.statement}s",
            "lock_timeout": f"{self.lock}s",
            "idle_in_transaction_session_timeout": f"{self.idle_in_transaction}s",
        }


TIMEOUTS: Mapping[ProcessKind, Timeouts] = {
    # People wait for pages. A board that is not rendered now is rendered half a second later.
    "web": Timeouts(statement=15, lock=5, idle_in_transaction=30),
    "relay": Timeouts(statement=15, lock=5, idle_in_transaction=30),
    "beat": Timeouts(statement=15, lock=5, idle_in_transaction=30),
    # Imports and bulk plans compute within a transaction.
    "worker": Timeouts(statement=300, lock=20, idle_in_transaction=120),
    # Rewriting a large table takes long. Waiting for its lock stops everybody who comes later.
    "migrate": Timeouts(statement=0, lock=2, idle_in_transaction=600),
    "command": Timeouts(statement=0, lock=60, idle_in_transaction=600),
    # A check says what is wrong instead of joining the queue.
    "check": Timeouts(statement=2, lock=1, idle_in_transaction=10),
}


# As in `options=-c lock_timeout=7s`; PostgreSQL also takes `--lock-timeout=7s`.
OPTION = re.compile(r"(?:^|\s)(?:-c\s*|--)([\w.-]+)\s*=")


def apply(connection: psycopg.Connection, kind: ProcessKind, *, given: str = "") -> None:
    """Set the limits of this kind, and the name under which PostgreSQL lists the connection.

    given: `options` of the database address; limits that it has are kept, except for checks: they
    must answer soon.
    """
    limits = TIMEOUTS[kind].parameters()
    if kind != "check":
        kept = {name.lower().replace("-", "_") for name in OPTION.findall(given)}
        limits = {name: value for name, value in limits.items() if name not in kept}
    settings = {"application_name": f"recruit-{kind}"} | limits
    calls = ", ".join(["set_config(%s, %s, false)"] * len(settings))
    values = [part for pair in settings.items() for part in pair]
    connection.execute(f"SELECT {calls}".encode(), values)
