"""Statements, locks and idle transactions have time limits, and a page that meets one says so."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.db import DatabaseError, connection, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import Client
from psycopg_pool import PoolTimeout

from monitoring import process_kind
from monitoring.check_connection import check_connection
from monitoring.database_timeouts import TIMEOUTS
from monitoring.health import checks
from monitoring.metrics.database_activity import blockers
from monitoring.process_kind import ProcessKind
from realtime.session_connection import connect
from tests.factories import make_interviewer
from tests.people import signed_in
from tests.support.contracts.metrics_http import Scrape
from tests.support.wait import until

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
ASK_EVERY_SECONDS = 5  # as in ops-polling.js
PARAMETERS = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")


def limits() -> tuple[list[int], str]:
    """The limits of a new connection of this thread, in seconds, and its application name."""
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]  # PostgreSQL's
    return limits_of(connection)


def limits_of(server: BaseDatabaseWrapper | psycopg.Connection) -> tuple[list[int], str]:
    with server.cursor() as cursor:
        cursor.execute(
            "SELECT name, setting FROM pg_settings WHERE name = ANY(%s)", [[*PARAMETERS]]
        )
        found = dict(cursor.fetchall())
        cursor.execute("SHOW application_name")
        return [int(found[name]) // 1000 for name in PARAMETERS], cursor.fetchone()[0]


@pytest.fixture(autouse=True)
def _usual_kind() -> Iterator[None]:
    yield
    process_kind.set_kind("command")
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]


@contextmanager
def locked(table: str) -> Iterator[int]:
    """Hold an ACCESS EXCLUSIVE lock as a person in psql would; the id of that process."""
    parameters = connection.get_connection_params() | {"application_name": "psql"}
    with psycopg.connect(**parameters) as other, other.transaction(force_rollback=True):
        other.execute(f"LOCK TABLE {table}".encode())
        yield other.info.backend_pid


@pytest.mark.parametrize("kind", TIMEOUTS)
def test_every_kind_of_process_has_its_limits_on_each_connection(kind: ProcessKind) -> None:
    process_kind.set_kind(kind)
    wanted = TIMEOUTS[kind]
    assert limits() == (
        [wanted.statement, wanted.lock, wanted.idle_in_transaction],
        f"recruit-{kind}",
    )


def test_a_connection_that_listens_or_holds_a_lock_has_the_name_of_its_process() -> None:
    process_kind.set_kind("relay")
    with connect() as listener:
        name = listener.execute("SHOW application_name").fetchone()
    assert name == ("recruit-relay",)


@pytest.mark.parametrize("kind", ["worker", "command"])
def test_a_connection_of_its_own_for_a_lock_has_the_limits_of_its_process(
    kind: ProcessKind,
) -> None:
    """Also if the database role has others, as behind a pooler."""
    process_kind.set_kind(kind)
    wanted = TIMEOUTS[kind]
    with connect() as owner:
        assert limits_of(owner) == (
            [wanted.statement, wanted.lock, wanted.idle_in_transaction],
            f"recruit-{kind}",
        )
    with address_with("-c lock_timeout=7s"), connect() as owner:
        assert limits_of(owner)[0][1] == 7


def test_the_check_of_notifications_listens_with_the_limits_of_checks() -> None:
    wanted = TIMEOUTS["check"]
    with connect("check") as listener:
        assert limits_of(listener)[0][:2] == [wanted.statement, wanted.lock]


def written(seconds: int) -> str:
    if not seconds:
        return "none"
    return f"{seconds} s" if seconds <= 60 else f"{seconds // 60} min"


@pytest.mark.parametrize(
    ("row", "kinds"),
    [
        ("`web`, `relay`, `beat`", ("web", "relay", "beat")),
        ("`worker`", ("worker",)),
        ("`migrate`", ("migrate",)),
        ("other commands", ("command",)),
        ("health checks, `/metrics/site`", ("check",)),
    ],
)
def test_the_documented_limits_are_those_that_connections_get(
    row: str, kinds: tuple[ProcessKind, ...]
) -> None:
    document = (settings.BASE_DIR / "deploy/docs/deployment.md").read_text()
    for kind in kinds:
        limit = TIMEOUTS[kind]
        cells = map(written, (limit.statement, limit.lock, limit.idle_in_transaction))
        assert f"| {' | '.join([row, *cells])} |" in document


def test_processes_that_serve_people_have_a_limit_of_every_kind() -> None:
    for kind in ("web", "relay", "beat", "worker", "check"):
        limit = TIMEOUTS[kind]
        assert 0 < limit.lock < limit.statement, kind
        assert limit.idle_in_transaction > 0, kind


@contextmanager
def address_with(options: str) -> Iterator[None]:
    """Let the address of the database have these `options` of the server."""
    parameters = connection.settings_dict["OPTIONS"]
    parameters["options"] = options
    try:
        yield
    finally:
        del parameters["options"]


@pytest.mark.parametrize(
    "options",
    [
        "-c lock_timeout=7s",
        "-clock_timeout=7s",
        "--lock-timeout=7s",
        "-c deadlock_timeout=1s -c LOCK_TIMEOUT=7s",
    ],
)
def test_a_limit_in_the_database_address_counts(options: str) -> None:
    usual = TIMEOUTS["command"]
    with address_with(options):
        assert limits()[0] == [usual.statement, 7, usual.idle_in_transaction]


def test_a_parameter_in_the_address_whose_name_contains_that_of_a_limit_changes_none() -> None:
    usual = limits()
    with address_with("-c deadlock_timeout=1s -c application_name=lock_timeout"):
        assert limits() == usual


def test_a_health_check_has_its_limits_whatever_the_address_says() -> None:
    wanted = TIMEOUTS["check"]
    with address_with("-c statement_timeout=60s -c lock_timeout=0"), check_connection() as own:
        assert limits_of(own)[0] == [
            wanted.statement,
            wanted.lock,
            wanted.idle_in_transaction,
        ]


def test_a_page_that_meets_a_lock_says_so_instead_of_hanging(lin: User) -> None:
    process_kind.set_kind("check")  # whose limits are short
    limits()
    client = signed_in(
        Client(raise_request_exception=False, headers={"accept-language": "en"}), lin
    )
    with locked("jobs_candidate"):
        answer = client.get("/candidates/")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
    assert "<title>This takes too long right now</title>" in answer.content.decode()
    assert "<h1>This takes too long right now</h1>" in answer.content.decode()
    assert "tries again" in answer.content.decode()
    assert client.get("/candidates/").status_code == 200


def test_a_form_that_meets_a_lock_is_not_sent_again_by_itself(lin: User) -> None:
    process_kind.set_kind("check")
    limits()
    client = Client(raise_request_exception=False, headers={"accept-language": "en"})
    with locked("auth_user"):
        answer = client.post("/accounts/login/", {"username": lin.username, "password": "x"})
    assert answer.status_code == 503
    assert "may not have been saved" in answer.content.decode()
    assert "http-equiv" not in answer.content.decode()


def test_the_api_answers_503_with_a_problem_document_while_a_table_is_locked(lin: User) -> None:
    process_kind.set_kind("check")
    limits()
    client = signed_in(
        Client(raise_request_exception=False, headers={"accept-language": "en"}), lin
    )
    with locked("jobs_candidate"):
        answer = client.get("/api/v1/candidates/")
    assert (answer.status_code, answer["Content-Type"]) == (503, "application/problem+json")
    assert "using the same records" in answer.json()["detail"]
    assert client.get("/api/v1/candidates/").status_code == 200


def test_readiness_names_what_blocks_a_table_and_stays_200() -> None:
    client = Client()
    with locked("interview_interview") as pid:
        answer = client.get("/readyz")
    assert answer.status_code == 200, "a lock of a moment must not take the site away"
    found = answer.json()["checks"]
    assert found["tables"]["ok"] is False
    assert f"psql (process {pid})" in found["tables"]["detail"]
    assert found["database"]["ok"] is True
    assert client.get("/readyz").json()["checks"]["tables"]["ok"] is True


def test_readiness_does_not_wait_for_the_pool_while_pages_use_all_its_connections() -> None:
    connection.close()
    pool = connection.pool  # type: ignore[attr-defined]  # PostgreSQL's
    busy = []
    try:
        with suppress(PoolTimeout):  # threads of earlier tests may keep some
            while len(busy) < pool.max_size:
                busy.append(pool.getconn(timeout=1))
        stats = pool.get_stats()
        found = (stats["pool_available"], stats["pool_size"])
        assert found == (0, pool.max_size), "the premise"
        found = checks.findings()
    finally:
        for one in busy:
            pool.putconn(one)
    assert {name: one.detail for name, one in found.items() if "not respond" in one.detail} == {}
    assert found["tables"].ok
    assert found["relay"].detail == "has never run"


def test_a_fault_that_is_there_during_a_lock_is_not_shown_as_its_consequence() -> None:
    with locked("jobs_erasurerequest"):
        found = checks.findings()
    assert not found["tables"].ok, "the premise"
    assert (found["worker"].detail, found["worker"].because) == ("no heartbeat", "")
    assert (found["relay"].detail, found["relay"].because) == ("has never run", "")
    assert found["schedule"].because == "beat"


def test_a_check_that_waits_for_the_lock_is_a_consequence_and_explains_no_other() -> None:
    with locked("realtime_heartbeat"):
        found = checks.findings()
    for name in ("worker", "beat"):
        assert (found[name].detail, found[name].because) == ("waits for a lock", "tables")
    assert found["schedule"].detail == "no scheduled task has run yet", "the premise"
    assert found["schedule"].because == "", "it is not known whether beat runs"


@pytest.mark.parametrize(
    ("table", "unread"),
    [
        ("realtime_heartbeat", ["heartbeat"]),
        ("interview_robot", ["robot"]),
        ("realtime_taskrun", ["run"]),
        ("realtime_change", []),
    ],
)
def test_the_operations_page_is_served_while_a_table_that_it_reads_is_locked(
    chen: User, table: str, unread: list[str]
) -> None:
    client = signed_in(Client(headers={"accept-language": "en"}), chen)
    assert client.get("/ops/now/").json()["unread"] == [], "the premise"
    with locked(table) as pid:
        started_at = time.monotonic()
        answer = client.get("/ops/now/").json()
        assert time.monotonic() - started_at < ASK_EVERY_SECONDS, "then the page gives up"
        page = client.get("/ops/")
    assert page.status_code == 200
    assert answer["unread"] == unread
    assert [one["pid"] for one in answer["standing"]["blockers"]] == [pid]
    assert (answer["standing"]["heartbeats"] is None) == (table == "realtime_heartbeat")
    assert (answer["standing"]["pending"] is None) == (table == "realtime_change")
    shown = page.content.decode().partition("<h2>Processes</h2>")[2]
    assert ("not known" in shown) == bool(unread)
    assert ("none running" in shown) == (table != "realtime_heartbeat")
    assert ("No DingTalk robot is configured" in shown) == (table != "interview_robot")
    assert ("No recent failures" in shown) == (table != "realtime_taskrun")


def status_of(client: Client) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/ops/now/").json()["standing"]
    return found


def test_the_operations_page_names_what_blocks_a_table(chen: User) -> None:
    client = signed_in(Client(headers={"accept-language": "en"}), chen)
    began = time.monotonic()
    with locked("interview_interview") as pid:
        page = client.get("/ops/").content.decode()
        longest = time.monotonic() - began
        row = status_of(client)
    shown = re.search(rf"psql \(process {pid}\), for (\d+) s", page)
    assert shown
    assert int(shown[1]) <= round(longest)
    assert [(one["application"], one["pid"]) for one in row["blockers"]] == [("psql", pid)]
    assert status_of(client)["blockers"] == []


def test_a_lock_drops_only_the_gauges_that_read_the_table_and_names_who_holds_it() -> None:
    client = Client()
    with locked("interview_interview") as pid:
        scrape = Scrape(client.get("/metrics/site").content.decode())
    for unread in ("recruit_feedback_overdue", "recruit_interviews_flagged"):
        assert not scrape.has(unread)
    for read in ("recruit_relay_pending_markers", "recruit_backup_age_seconds", "recruit_redis_up"):
        assert scrape.has(read), read
    holder = {"application": "psql", "pid": str(pid)}
    assert scrape.total("recruit_database_blocking_seconds", **holder) > 0


def test_a_row_lock_that_others_wait_for_names_its_holder_and_not_those_who_wait() -> None:
    first = make_interviewer()
    parameters = connection.get_connection_params() | {"autocommit": True}
    update = f"UPDATE auth_user SET last_name = 'x' WHERE id = {first.pk}".encode()
    with (
        psycopg.connect(**parameters | {"application_name": "holder"}) as holder,
        psycopg.connect(**parameters | {"application_name": "waits"}) as waits,
        ThreadPoolExecutor(1) as pool,
        holder.transaction(force_rollback=True),
    ):
        holder.execute(update)
        assert blockers() == {}, "nobody waits"
        pool.submit(waits.execute, update)
        until(blockers)
        assert list(blockers()) == [("holder", str(holder.info.backend_pid))]
        scrape = Scrape(Client().get("/metrics/site").content.decode())
        assert scrape.total("recruit_database_blocked_backends") == 1
        assert scrape.total("recruit_database_oldest_statement_seconds") >= 1
        assert scrape.total("recruit_database_oldest_idle_transaction_seconds") >= 1
    assert blockers() == {}


def test_a_transaction_that_somebody_forgot_is_ended() -> None:
    with check_connection() as own, transaction.atomic():
        with own.cursor() as cursor:
            cursor.execute("SET LOCAL idle_in_transaction_session_timeout = '100ms'")
            until(lambda: _is_ended(own.connection))
            with pytest.raises(DatabaseError, match="idle-in-transaction timeout"):
                cursor.execute("SELECT 1")
        transaction.set_rollback(True)


def _is_ended(forgotten: psycopg.Connection) -> bool:
    pid = forgotten.info.backend_pid
    with psycopg.connect(**connections["default"].get_connection_params()) as other:
        found = other.execute("SELECT 1 FROM pg_stat_activity WHERE pid = %s", [pid])
        return found.fetchone() is None


def test_the_check_of_tables_reads_every_table_of_a_model() -> None:
    found = checks.findings()["tables"]
    assert found.ok, found.detail
    number = int(found.detail.split()[0])
    assert number == len(connection.introspection.django_table_names(only_existing=True)) > 40
