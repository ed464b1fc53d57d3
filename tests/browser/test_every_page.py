"""Every page of the site in a real browser, for each kind of user: no violation of the content
policy, no failing script, and all security headers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

from interview.bulk.plans import bulk_plan_create
from interview.models import Interview
from jobs.applications.links import link_of
from jobs.models import Campaign
from jobs.models.imports import ImportRun
from tests.browser.conftest import Open, expect_state
from tests.factories import (
    make_application,
    make_candidate,
    make_interview,
    make_job,
    make_room,
    make_round,
)
from tests.people import signed_in
from tests.support.product.processes import Site

pytestmark = [
    pytest.mark.browser,
    pytest.mark.processes,
    pytest.mark.django_db(transaction=True),
]

COURSE_FILE = Path(__file__).parents[1] / "data" / "course_candidates.csv"
# These take forms, send files, or serve scripts and programs: none is shown as a page.
NO_PAGES = {
    *("logout", "set_language", "read_notices", "send_again", "interview_action", "bulk_line"),
    *("bulk_do", "bulk_move", "bulk_tell", "export", "cancel_task"),
    *("calendar_feed", "my_interview_file", "resume", "import_rejected", "task_result"),
    *(
        "ops_now",
        "schema",
        "sockets_schema",
        "healthz",
        "readyz",
        "metrics",
        "site_metrics",
        "alerts",
    ),
}
PAGES = (
    *("home", "login", "change_password", "personal_settings", "boards", "board", "wall", "me"),
    *(
        "my_calendar",
        "my_application",
        "interview",
        "scorecard",
        "scorecard_amend",
        "analytics",
        "audit",
        "applications",
    ),
    *("bulk_plans", "bulk_plan", "schedule", "job_list", "jobs", "job", "apply", "applied"),
    *(
        "candidates",
        "merge",
        "imports",
        "import",
        "ops",
        "tasks",
        "sentry_debug",
        "api_docs",
        "api_tokens",
    ),
)
NOT_A_SUPERUSERS = {"scorecard", "scorecard_amend"}  # only for the interview's interviewers
LOGIN = "/accounts/login/"
POLICY = "content-security-policy"
SECURITY_HEADERS = (
    *(POLICY, "permissions-policy", "referrer-policy", "x-frame-options"),
    *("x-content-type-options", "cross-origin-opener-policy", "cross-origin-resource-policy"),
)


def names_of(patterns: list[URLPattern | URLResolver]) -> Iterator[str]:
    """Yields the names of all URLs except the admin's and the API's."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            if pattern.namespace != "admin" and not str(pattern.pattern).startswith("api/"):
                yield from names_of(pattern.url_patterns)
        elif pattern.name and not str(pattern.pattern).startswith(("api/v1", "^api/v1")):
            yield pattern.name


def test_every_url_is_either_visited_here_or_listed_as_no_page() -> None:
    known = set(names_of(get_resolver().url_patterns))
    assert known - set(PAGES) - NO_PAGES - {"admin_login"} == set()
    assert set(PAGES) | NO_PAGES <= known


@dataclass(frozen=True, slots=True)
class Ground:
    """One object of each kind, and the addresses of the pages that show them."""

    campaign: Campaign
    interview: Interview
    token: str
    plan: int
    run: str
    namesake: int

    def address(self, name: str) -> str:
        interview, application = self.interview.pk, self.interview.application
        arguments: dict[str, Any] = {
            "board": self.campaign.slug,
            "wall": self.campaign.slug,
            "interview": interview,
            "scorecard": interview,
            "scorecard_amend": interview,
            "job": application.job_id,
            "apply": application.job_id,
            "applied": application.job_id,
            "schedule": application.pk,
            "my_application": self.token,
            "bulk_plan": self.plan,
            "import": self.run,
        }
        found = reverse(name, args=[arguments[name]] if name in arguments else [])
        if name == "merge":
            found += f"?one={application.candidate_id}&other={self.namesake}"
        return found


@pytest.fixture
def ground(campaign: Campaign, noon: datetime, lin: User, wu: User, zhao: User) -> Ground:
    application = make_application(job=make_job(campaign=campaign, is_published=True))
    room = make_room(campaign=campaign)
    interview = make_interview(
        application=application,
        room=room,
        status="arrived",
        interviewers=[wu, zhao],
        starts_at=noon,
    )
    link = link_of(application)
    assert link is not None
    plan = bulk_plan_create(
        campaign=campaign,
        owner=lin,
        applications=[application],
        round=make_round(),
        rooms=[room],
        interviewers=[wu],
        days=[(noon + timedelta(days=1)).date()],
        opens_at=time(9),
        closes_at=time(12),
        slot_minutes=45,
        buffer_minutes=10,
        people_each=1,
        daily_limit=8,
    )
    file = SimpleUploadedFile("people.csv", COURSE_FILE.read_bytes())
    signed_in(Client(), lin).post(reverse("imports"), {"file": file, "campaign": campaign.slug})
    run, namesake = ImportRun.objects.get(), make_candidate(campaign=campaign)
    return Ground(campaign, interview, link.token, plan.pk, str(run.pk), namesake.pk)


class Visitor:
    """Visits pages and records what the browser complains about."""

    def __init__(self, page: Page, root: str) -> None:
        self.page, self.root = page, root
        self.complaints: list[str] = []
        self.was_refused = False  # one refused page of a kind is enough to look at
        page.on("pageerror", lambda error: self.complain(str(error)))
        page.on("console", self.receive)

    def receive(self, line: ConsoleMessage) -> None:
        """Records console errors, except the browser's message about the page's own status."""
        is_refusal = "Failed to load resource" in line.text
        if is_refusal and line.location["url"].partition("?")[0] == self.page.url.partition("?")[0]:
            return
        if line.type == "error" or "Content Security Policy" in line.text:
            self.complain(f"{line.text} ({line.location['url']})")

    def complain(self, sentence: str) -> None:
        self.complaints.append(f"{self.page.url}: {sentence}")

    def visit(self, address: str) -> int:
        """Requests an address and opens it if this person may see it; returns the status."""
        asked = self.page.request.get(self.root + address)
        self.check(address, asked.status, asked.headers)
        is_theirs = asked.status == 200 and LOGIN not in asked.url.removesuffix(address)
        is_new_refusal = asked.status == 403 and not self.was_refused
        if is_theirs or is_new_refusal:
            self.was_refused |= is_new_refusal
            self.page.goto(self.root + address, wait_until="domcontentloaded")
            if asked.status == 200 and self.page.locator(".live[data-state]").count():
                expect_state(self.page, "live")
        return asked.status

    def check(self, address: str, status: int, headers: dict[str, str]) -> None:
        """Checks the security headers; Django's debug page for 404 has no content policy."""
        wanted = [name for name in SECURITY_HEADERS if status != 404 or name != POLICY]
        missing = [name for name in wanted if name not in headers]
        if missing:
            self.complaints.append(f"{address} ({status}) lacks {missing}")


@pytest.fixture
def visitor(open_as: Open, running: Site, browser: Browser) -> Iterator[Callable[..., Visitor]]:
    contexts: list[BrowserContext] = []

    def visitor(person: User | None) -> Visitor:
        if person is not None:
            return Visitor(open_as(person, "/joblist/"), running.url)
        contexts.append(browser.new_context(locale="en-GB"))
        return Visitor(contexts[-1].new_page(), running.url)

    yield visitor
    for context in contexts:
        context.close()


@pytest.mark.parametrize("name", ["lin", "wu", "chen", "sun", "admin", None])
def test_no_page_makes_the_browser_complain(
    visitor: Callable[..., Visitor],
    ground: Ground,
    name: str | None,
    request: pytest.FixtureRequest,
) -> None:
    visits = visitor(request.getfixturevalue(name) if name else None)
    statuses = {page: visits.visit(ground.address(page)) for page in PAGES}
    assert visits.complaints == []
    assert set(statuses.values()) <= {200, 403, 404}
    shown = {page for page, status in statuses.items() if status == 200}
    if name == "admin":
        assert shown == set(PAGES) - NOT_A_SUPERUSERS


def test_no_admin_page_makes_the_browser_complain(
    visitor: Callable[..., Visitor], ground: Ground, admin: User
) -> None:
    visits = visitor(admin)
    assert visits.visit(reverse("admin:index")) == 200
    for address in admin_pages():
        assert visits.visit(address) in {200, 403}, address
    assert visits.complaints == []


def admin_pages() -> Iterator[str]:
    """Yields the list page of each model, and the form of one object or of a new one."""
    for model in admin.site._registry:
        base = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        one = model._default_manager.first()
        yield reverse(f"{base}_changelist")
        yield reverse(f"{base}_change", args=[one.pk]) if one else reverse(f"{base}_add")
