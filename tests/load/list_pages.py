"""All lists, as pages, in the admin and in the API, with a hundred thousand candidates: how long
they take, and whether the number of statements stays the same.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db import connection, reset_queries
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

from jobs.models import Campaign, Candidate
from tests.load.boards import add_applications, add_later_days, make_board, sessions_of_coordinators
from tests.load.client_counts import percentile
from tests.load.machine import pinned, web_core
from tests.load.processes import Ground
from tests.load.rounds import say
from tests.load.table import Line

CANDIDATES, CARDS_A_DAY, DAYS = 100_000, 500, 60
"""The first day is the comparison: each search by name finds more than a page of its candidates."""
REQUESTS = 20
P95_MS = 150.0
LAST_PAGE = CANDIDATES // 50
FEW = 100

PAGES = (
    "/candidates/",
    f"/candidates/?page={LAST_PAGE}",
    "/candidates/?q=欧阳",
    "/candidates/?q=wsy",
    "/candidates/?q=0042",
    "/candidates/?applied=no",
    "/candidates/conflicts/",
    "/applications/",
    f"/applications/?page={LAST_PAGE}",
    "/applications/?q=欧阳",
    "/applications/?interview=none",
    "/applications/?interview=planned",
    "/schedule/bulk/",
    "/imports/",
    "/tasks/",
    "/audit/",
    "/privacy/",
    "/jobs/",
    "/me/",
)
API_LISTS = (
    "campaigns",
    "jobs",
    "candidates",
    f"candidates/?page={LAST_PAGE}",
    "candidates/?search=欧阳",
    "applications",
    f"applications/?page={LAST_PAGE}",
    "interviews",
    f"interviews/?page={CARDS_A_DAY * DAYS // 50}",
    "rooms",
    "imports",
    "notices",
    "tasks",
    "audit",
)
ADMIN_LISTS = (
    "jobs/candidate",
    "jobs/candidate/?q=欧阳",
    f"jobs/candidate/?p={CANDIDATES // 100}",
    "jobs/application",
    "jobs/application/?q=欧阳",
    "interview/interview",
    "interview/interview/?q=欧阳",
    "interview/delivery",
)


@dataclass(frozen=True, slots=True)
class Listed:
    """One list: its address, the number of statements, and the milliseconds of each answer."""

    path: str
    statements: int
    milliseconds: list[float]

    @property
    def p95(self) -> float:
        return percentile(self.milliseconds, 95)


def run(ground: Ground) -> list[Line]:
    """Compares lists of a hundred thousand candidates with those of five hundred."""
    campaign, _ = make_board(CARDS_A_DAY)
    campaign.candidates.add(*Candidate.objects.filter(applications__job__campaign=campaign))
    add_applications(campaign, FEW)  # else a list of applications without interviews is empty
    clients = _clients(campaign)
    few = {path: _statements(client, path) for client, path in _lists(clients)}
    say(f"lists: {CANDIDATES} candidates")
    _fill(campaign)
    say("lists: answers")
    with pinned(web_core()), override_settings(RATE_LIMITS={}):  # searches are limited
        many = [_listed(client, path) for client, path in _lists(clients)]
    return [_summary(many), *_slow_lines(many), *_statement_lines(many, few)]


def _clients(campaign: Campaign) -> tuple[Client, Client]:
    """A coordinator of the campaign, and an administrator."""
    (cookies,) = sessions_of_coordinators(campaign, 1)
    coordinator = Client(headers={"cookie": cookies}, HTTP_HOST="localhost")
    admin = Client(HTTP_HOST="localhost")
    admin.force_login(User.objects.create_superuser("bench-admin"))
    return coordinator, admin


def _lists(clients: tuple[Client, Client]) -> Iterator[tuple[Client, str]]:
    coordinator, admin = clients
    for path in (*PAGES, *(f"/api/v1/{_closed(name)}" for name in API_LISTS)):
        yield coordinator, path
    for name in ADMIN_LISTS:
        yield admin, f"/admin/{_closed(name)}"


def _closed(name: str) -> str:
    return name if "/?" in name else f"{name}/"


def _fill(campaign: Campaign) -> None:
    add_later_days(campaign, DAYS - 1)
    add_applications(campaign, CANDIDATES - CARDS_A_DAY * DAYS - FEW)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")  # as autovacuum does after an import
    gc.collect()
    gc.freeze()  # a web process has not created a hundred thousand objects


def _statements(client: Client, path: str) -> int | None:
    """The number of statements of an answer; None if there is no such page yet."""
    reset_queries()
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(path)
    assert answer.status_code in {200, 302, 404}, f"{path} answered {answer.status_code}"
    return len(queries) if answer.status_code == 200 else None


def _listed(client: Client, path: str) -> Listed:
    statements = _statements(client, path)
    assert statements is not None, f"{path} is missing"
    taken = []
    for _ in range(REQUESTS):
        began = time.perf_counter()
        assert client.get(path).status_code == 200, f"{path} is refused"
        taken.append((time.perf_counter() - began) * 1000)
    return Listed(path, statements, taken)


def _summary(lists: list[Listed]) -> Line:
    slowest = max(lists, key=lambda one: one.p95)
    within = sum(one.p95 <= P95_MS for one in lists)
    return Line(
        what=f"{len(lists)} lists with {CANDIDATES} candidates, {CARDS_A_DAY * DAYS} interviews: "
        "the slowest, p95",
        ours=f"{slowest.p95:.0f} ms ({slowest.path}); {within} lists within the target",
        target=f"≤ {P95_MS:.0f} ms",
        met=slowest.p95 <= P95_MS,
    )


def _slow_lines(lists: list[Listed]) -> Iterator[Line]:
    for one in lists:
        if one.p95 > P95_MS:
            yield Line(
                what=f"… {one.path}",
                ours=f"p95 {one.p95:.0f} ms, {one.statements} statements",
                target=f"≤ {P95_MS:.0f} ms",
                met=False,
            )


def _statement_lines(lists: list[Listed], few: dict[str, int | None]) -> Iterator[Line]:
    more = [one for one in lists if one.statements > (few[one.path] or one.statements)]
    yield Line(
        what="… lists that take more statements than with few candidates",
        ours=", ".join(f"{one.path}: {one.statements} instead of {few[one.path]}" for one in more)
        or "none",
        target="none",
        met=not more,
    )
