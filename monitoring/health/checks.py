"""Health checks, for /readyz, `manage.py doctor` and the operations page.

Other apps add checks with `register`.
"""

import logging
from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from time import time

import psycopg
import redis
from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from redis.backoff import NoBackoff
from redis.retry import Retry

from monitoring import redis_client
from monitoring.check_connection import (
    BRIEF_LOCK_SECONDS,
    LOCK_SECONDS,
    check_connection,
    check_transaction,
)
from monitoring.metrics.database import is_timeout
from monitoring.metrics.database_activity import blockers
from monitoring.metrics.metrics import CLOCK_DIFFERENCE_SECONDS, REDIS_UP

logger = logging.getLogger(__name__)
TIMEOUT_SECONDS = 2  # for Redis
KEY_SECONDS = 10  # of the key that the check of Redis writes
LOCKED = "tables"  # the check that fails while tables are locked, and says by which process
MAX_CLOCK_DIFFERENCE = timedelta(seconds=5)
SERVER_LOST_ERRORS = (DatabaseError, InterfaceError, psycopg.Error, redis.RedisError, OSError)


class NotReady(Exception):
    """A check failed; the message says why, without addresses or secrets."""


class Degraded(NotReady):
    """A check failed, but pages work: /readyz reports it and stays 200."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """Text to show when a check fails.

    problem  what does not work, as users notice it
    remedy   what to do first
    runbook  section of deploy/docs/runbooks.md, which has the name of the alert
    """

    problem: Promise
    remedy: Promise
    runbook: str

    @property
    def anchor(self) -> str:
        return f"#{self.runbook.lower()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One health check.

    run          returns a short text if all is well, and raises NotReady otherwise
    is_advisory  /readyz reports a failure, but stays 200: pages work without it
    depends_on   name of the check without which this one is not run
    caused_by    names of checks whose failure makes this one fail too, the likeliest first; a lock
                 needs no mention
    """

    run: Callable[[], str]
    advice: Advice
    is_advisory: bool = False
    depends_on: str = ""
    caused_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """Result of one check.

    is_known     False if a check it depends on has failed
    is_advisory  the failure does not keep this process from serving pages
    timed_out    the check waited in vain for a lock or an answer of the database
    because      name of the failed check of which this failure is a consequence; "" for none
    """

    ok: bool
    detail: str
    is_known: bool = True
    is_advisory: bool = False
    timed_out: bool = False
    because: str = ""


CHECKS: dict[str, Check] = {}


def register(name: str, check: Check) -> None:
    """Adds a check to /readyz, to `manage.py doctor`, and to the operations page."""
    CHECKS[name] = check


def findings(*, skip: Collection[str] = ()) -> dict[str, Finding]:
    """Runs all checks in the order of registration. skip: names of checks not to run.

    Uses one new connection to the database for all of them: checks on connections of the pool would
    each wait for one while pages use them all, and report a lock or a server that is gone.
    """
    with check_connection():
        found = _run_all(skip)
    return {name: replace(one, because=_cause(name, found)) for name, one in found.items()}


def _run_all(skip: Collection[str]) -> dict[str, Finding]:
    found: dict[str, Finding] = {}
    for name, check in CHECKS.items():
        if name in skip:
            continue
        dependency = found.get(check.depends_on)
        if dependency is not None and not dependency.ok:
            found[name] = Finding(
                ok=False,
                detail=f"unknown without the {check.depends_on}",
                is_known=False,
                is_advisory=check.is_advisory,
            )
        else:
            lock_seconds = BRIEF_LOCK_SECONDS if _is_locked(found) else LOCK_SECONDS
            found[name] = _finding(name, check, lock_seconds=lock_seconds)
    return found


def _is_locked(found: Mapping[str, Finding]) -> bool:
    return LOCKED in found and not found[LOCKED].ok


def _cause(name: str, found: Mapping[str, Finding]) -> str:
    """The failed check that explains this failure; "" if it passes or stands for itself.

    A lock explains only the checks that waited for it. These explain no other: without their result
    it is not known what has failed.
    """
    if found[name].ok or not found[name].is_known:
        return ""
    if found[name].timed_out:
        return LOCKED if _is_locked(found) else ""
    causes = (cause for cause in CHECKS[name].caused_by if cause in found)
    failed = (one for one in causes if not found[one].ok and not found[one].timed_out)
    return next(failed, "")


def _finding(name: str, check: Check, *, lock_seconds: float = LOCK_SECONDS) -> Finding:
    try:
        with _limits_of(check, lock_seconds):
            return Finding(ok=True, detail=check.run())
    except NotReady as error:
        is_advisory = check.is_advisory or isinstance(error, Degraded)
        return Finding(ok=False, detail=str(error), is_advisory=is_advisory)
    except SERVER_LOST_ERRORS as error:
        logger.warning("%s: %s", name, type(error).__name__, extra={"action": "check_failed"})
        timed_out = is_timeout(error)
        detail = "waits for a lock" if timed_out else "does not respond"
        return Finding(ok=False, detail=detail, is_advisory=check.is_advisory, timed_out=timed_out)


def _limits_of(check: Check, lock_seconds: float) -> AbstractContextManager[None]:
    """The time limits of the check's statements, if it has any."""
    if check.depends_on != "database":
        return nullcontext()
    return check_transaction(connection, lock_seconds=lock_seconds)


def is_ready(found: dict[str, Finding]) -> bool:
    """Whether this process can serve pages: no check failed, except advisory ones."""
    return all(one.ok or one.is_advisory for one in found.values())


def as_json(found: dict[str, Finding]) -> dict[str, object]:
    """The findings as JSON. `ok` is null for a check whose dependency has failed.

    `because` names the failed check of which this one is a consequence.
    """
    checks = {
        name: {"ok": one.ok if one.is_known else None, "detail": one.detail}
        | ({"because": one.because} if one.because else {})
        for name, one in found.items()
    }
    return {"ready": is_ready(found), "checks": checks}


def database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return "responds"


def tables() -> str:
    """Reads a row of each table of the site. Raises NotReady and names what blocks the reading.

    Detects what `SELECT 1` does not: a lock that stops pages and tasks.
    """
    found = connection.introspection.django_table_names(only_existing=True)
    names = [connection.ops.quote_name(name) for name in found]
    reads = (f"(SELECT 1 FROM {name} LIMIT 1)" for name in names)  # noqa: S608 our models' names
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(reads))
    except OperationalError as error:
        if not is_timeout(error):
            raise
        raise NotReady(_blocked()) from None
    return f"{len(names)} can be read"


def _blocked() -> str:
    found = [
        f"{application or 'a connection without a name'} (process {pid}) for {seconds:.0f} s"
        for (application, pid), seconds in blockers().items()
    ]
    return f"blocked by {', '.join(found)}" if found else "cannot be read within a second"


def clock() -> str:
    """Returns by how much this machine's clock differs from the database's, such as "0.1 s off".

    Raises NotReady above MAX_CLOCK_DIFFERENCE: leases, heartbeats, delays and the order of log
    lines compare times of both.
    """
    seconds = clock_difference_seconds()
    if seconds > MAX_CLOCK_DIFFERENCE.total_seconds():
        raise NotReady(f"{seconds:.0f} s off")
    return f"{seconds:.1f} s off"


def clock_difference_seconds() -> float:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        off: timedelta = cursor.fetchone()[0] - datetime.fromtimestamp(time(), UTC)
    return abs(off.total_seconds())


def redis_server() -> str:
    """Writes a key. Raises NotReady with what Redis says, such as "DB index is out of range".

    PING would pass while Redis is full, is a replica or cannot save, and refuses every write.
    """
    with redis_client.connect(
        settings.REDIS_URL,
        socket_timeout=TIMEOUT_SECONDS,
        socket_connect_timeout=TIMEOUT_SECONDS,
        retry=Retry(NoBackoff(), 0),
    ) as server:
        try:
            _write_key(server)
        except redis.ResponseError as error:
            raise NotReady(f"refuses: {str(error).splitlines()[0].rstrip('.')}") from None
    return "responds"


def _write_key(server: redis.Redis) -> None:
    """Only PING without the database, which knows the prefix of this site's keys."""
    try:
        key = cache.make_key("health")
    except OperationalError:
        server.ping()
    else:
        server.set(key, "", ex=KEY_SECONDS)


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
            problem=_("The database does not respond: no page works."),
            remedy=_("Check that PostgreSQL runs at DATABASE_URL and accepts connections."),
            runbook="DatabaseGone",
        ),
    ),
)
register(
    LOCKED,
    Check(
        run=tables,
        advice=Advice(
            problem=_("Something holds a lock in the database: pages and tasks wait for it."),
            remedy=_(
                "Let a migration finish. End any other: SELECT pg_terminate_backend(…) in psql."
            ),
            runbook="DatabaseBlocked",
        ),
        is_advisory=True,  # a migration may hold a lock for seconds: the site must not go away
        depends_on="database",
    ),
)
register(
    "redis",
    Check(
        run=redis_server,
        advice=Advice(
            problem=_(
                "Redis does not respond or refuses writes: boards are one second late, and no "
                "tasks start."
            ),
            remedy=_("Check that Redis runs at REDIS_URL and has free memory."),
            runbook="RedisUnavailable",
        ),
    ),
)
register(
    "migrations",
    Check(
        run=migrations,
        advice=Advice(
            problem=_("The database schema does not match the code version."),
            remedy=_("Run manage.py migrate, then restart all processes."),
            runbook="DatabaseGone",
        ),
        depends_on="database",
    ),
)
register(
    "clock",
    Check(
        run=clock,
        advice=Advice(
            problem=_("The clocks of this machine and of the database differ: ages are wrong."),
            remedy=_("Synchronise both with a time server (NTP)."),
            runbook="ClocksDiffer",
        ),
        is_advisory=True,
        depends_on="database",
    ),
)
REDIS_UP.set_reader(lambda: {(): float(_finding("redis", CHECKS["redis"]).ok)})
CLOCK_DIFFERENCE_SECONDS.set_reader(lambda: {(): clock_difference_seconds()})
