"""Whether this process can do its work. Other apps add checks of their own with `register`."""

import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass

import psycopg
import redis
from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from monitoring.metrics.metrics import REDIS_UP

logger = logging.getLogger(__name__)
TIMEOUT_SECONDS = 2
LOST_SERVER = (DatabaseError, InterfaceError, psycopg.Error, redis.RedisError, OSError)


class NotReady(Exception):
    """A part is not ready; the message says what is wrong, without addresses or secrets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """For whoever finds a check failing.

    wrong    what does not work, as people notice it
    remedy   what to do first
    runbook  the section of deploy/docs/runbooks.md, named as its alert
    """

    problem: Promise
    remedy: Promise
    runbook: str

    @property
    def anchor(self) -> str:
        return f"#{self.runbook.lower()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """ask           answers a short text when all is well, and raises NotReady else
    is_advisory     of other processes: /readyz tells it, and pages are served all the same
    needs            the check without which this one cannot be made
    """

    run: Callable[[], str]
    advice: Advice
    is_advisory: bool = False
    depends_on: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found. is_known: False when another has failed that it needs."""

    ok: bool
    detail: str
    is_known: bool = True


CHECKS: dict[str, Check] = {}


def register(name: str, check: Check) -> None:
    """Add a check to /readyz, to `manage.py doctor`, and to the page of operations."""
    CHECKS[name] = check


def findings(*, skip: Collection[str] = ()) -> dict[str, Finding]:
    """Every check's finding, in the order of registration. skip: checks that are not made."""
    found: dict[str, Finding] = {}
    for name, check in CHECKS.items():
        if name in skip:
            continue
        needed = found.get(check.depends_on)
        if needed is not None and not needed.ok:
            found[name] = Finding(
                ok=False, detail=f"not known without the {check.depends_on}", is_known=False
            )
        else:
            found[name] = _finding(name, check)
    return found


def _finding(name: str, check: Check) -> Finding:
    try:
        return Finding(ok=True, detail=check.run())
    except NotReady as error:
        return Finding(ok=False, detail=str(error))
    except LOST_SERVER as error:
        logger.warning("%s: %s", name, type(error).__name__, extra={"action": "check_failed"})
        return Finding(ok=False, detail="does not answer")


def is_ready(found: dict[str, Finding]) -> bool:
    """Whether pages can be served."""
    return all(one.ok for name, one in found.items() if not CHECKS[name].is_advisory)


def as_json(found: dict[str, Finding]) -> dict[str, object]:
    """ok: null where another check has failed that this one needs."""
    checks = {
        name: {"ok": one.ok if one.is_known else None, "detail": one.detail}
        for name, one in found.items()
    }
    return {"ready": is_ready(found), "checks": checks}


def database() -> str:
    """By a connection of its own: the pool would wait for a server that is gone."""
    parameters = connection.get_connection_params() | {"connect_timeout": TIMEOUT_SECONDS}
    with psycopg.connect(**parameters) as server:
        server.execute("SELECT 1")
    return "answers"


def redis_server() -> str:
    with redis.Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=TIMEOUT_SECONDS,
        socket_connect_timeout=TIMEOUT_SECONDS,
    ) as server:
        server.ping()
    return "answers"


def migrations() -> str:
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if missing:
        raise NotReady(f"{len(missing)} not applied")
    return "applied"


register(
    "database",
    Check(
        run=database,
        advice=Advice(
            problem=_("The database does not answer: no page works."),
            remedy=_("Look whether PostgreSQL runs at DATABASE_URL and takes connections."),
            runbook="DatabaseGone",
        ),
    ),
)
register(
    "redis",
    Check(
        run=redis_server,
        advice=Advice(
            problem=_("Redis does not answer: boards are a second late, and no work is sent."),
            remedy=_("Look whether Redis runs at REDIS_URL and has memory left."),
            runbook="LiveHintsLost",
        ),
    ),
)
register(
    "migrations",
    Check(
        run=migrations,
        advice=Advice(
            problem=_("The database is of another version of the code."),
            remedy=_("Run: manage.py migrate. Then start every process anew."),
            runbook="DatabaseGone",
        ),
        depends_on="database",
    ),
)
REDIS_UP.set_reader(lambda: {(): float(_finding("redis", CHECKS["redis"]).ok)})
