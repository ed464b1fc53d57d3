"""Whether this process can do its work. Other apps add checks of their own with `register`."""

import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

logger = logging.getLogger(__name__)
REDIS_TIMEOUT_SECONDS = 2


class NotReady(Exception):
    """A part is not ready; the message says what is wrong, without addresses or secrets."""


Check = Callable[[], str]


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found."""

    ok: bool
    detail: str


def database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return "answers"


def redis_server() -> str:
    with redis.Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=REDIS_TIMEOUT_SECONDS,
        socket_connect_timeout=REDIS_TIMEOUT_SECONDS,
    ) as server:
        server.ping()
    return "answers"


def migrations() -> str:
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if missing:
        raise NotReady(f"{len(missing)} not applied")
    return "applied"


CHECKS: dict[str, Check] = {
    "database": database,
    "redis": redis_server,
    "migrations": migrations,
}


TOLD_ONLY: set[str] = set()
"""Checks of other processes: /readyz tells what they find, and pages are served all the same."""


def register(name: str, check: Check, *, is_told_only: bool = False) -> None:
    """Add a check to /readyz. It returns a short text when all is well and raises NotReady else."""
    CHECKS[name] = check
    if is_told_only:
        TOLD_ONLY.add(name)


def findings() -> dict[str, Finding]:
    """Every check's finding, in the order of registration."""
    return {name: _finding(name, check) for name, check in CHECKS.items()}


def _finding(name: str, check: Check) -> Finding:
    try:
        return Finding(ok=True, detail=check())
    except NotReady as error:
        return Finding(ok=False, detail=str(error))
    except (DatabaseError, redis.RedisError, OSError):
        logger.warning("A readiness check failed", extra={"check": name}, exc_info=True)
        return Finding(ok=False, detail="does not answer")


def as_json(found: dict[str, Finding]) -> dict[str, object]:
    return {
        "ready": all(one.ok for name, one in found.items() if name not in TOLD_ONLY),
        "checks": {name: asdict(finding) for name, finding in found.items()},
    }
