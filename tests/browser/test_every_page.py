"""Every page in a real browser: no violation of the content policy and no failing script.

Which pages a person may see, and each person's version of a page, are in
tests/integration/project/test_every_page.py.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import ConsoleMessage, Page

from tests.browser.conftest import Open, expect_state
from tests.support.product.pages import PAGES, ExampleObjects
from tests.support.product.processes import Site

pytestmark = [
    pytest.mark.browser,
    pytest.mark.processes,
    pytest.mark.django_db(transaction=True),
]

ADMIN_PAGES = (
    "admin:index",
    "admin:interview_interview_changelist",
    "admin:jobs_candidate_add",
    "admin:django_celery_beat_periodictask_changelist",
)


class Visitor:
    """Visits pages and records what the browser complains about."""

    def __init__(self, page: Page, root: str) -> None:
        self.page, self.root = page, root
        self.complaints: list[str] = []
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
        """Opens an address and waits until its live stream is connected; returns the status."""
        response = self.page.goto(self.root + address)
        assert response is not None
        if response.status == 200 and self.page.locator(".live[data-state]").count():
            expect_state(self.page, "live")
        return response.status


@pytest.fixture
def visitor(open_as: Open, running: Site) -> Callable[..., Visitor]:
    return lambda person: Visitor(open_as(person, "/joblist/"), running.url)


def test_no_page_makes_the_browser_complain(
    visitor: Callable[..., Visitor],
    example_objects: ExampleObjects,
    request: pytest.FixtureRequest,
) -> None:
    pages = defaultdict(list)
    for page, name in PAGES.items():
        pages[name].append(page)
    for name, theirs in pages.items():
        visits = visitor(request.getfixturevalue(name) if name else None)
        statuses = {page: visits.visit(example_objects.address(page)) for page in theirs}
        assert set(statuses.values()) == {200}, statuses
        assert visits.complaints == []


def test_no_refusal_makes_the_browser_complain(
    visitor: Callable[..., Visitor], example_objects: ExampleObjects, sun: User
) -> None:
    visits = visitor(sun)
    assert visits.visit(example_objects.address("ops")) == 403
    assert visits.visit(example_objects.address("board")) == 404
    assert visits.complaints == []


def test_no_admin_page_makes_the_browser_complain(
    visitor: Callable[..., Visitor], example_objects: ExampleObjects, admin: User
) -> None:
    """Django writes all of these with a few templates and scripts: a page of each kind."""
    visits = visitor(admin)
    change = reverse("admin:interview_interview_change", args=[example_objects.interview.pk])
    history = reverse("admin:interview_interview_history", args=[example_objects.interview.pk])
    for address in (*map(reverse, ADMIN_PAGES), change, history):
        assert visits.visit(address) == 200, address
    assert visits.complaints == []
