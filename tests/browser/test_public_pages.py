"""The interviewer's page, interviews, scorecards, scheduling and tasks are accessible: axe-core
finds no violation, and no page scrolls sideways.
"""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import Page, expect

from interview.models import Interview
from jobs.models import Campaign
from realtime.background import task_runs
from tests.browser.conftest import Open, expect_live, violations
from tests.factories import make_application, make_interview, make_room, make_scorecard

pytestmark = [
    pytest.mark.browser,
    pytest.mark.processes,
    pytest.mark.django_db(transaction=True),
]

PHONE = {"width": 390, "height": 844}
LOOKS: list[dict[str, Any]] = [
    {"language": "en", "color_scheme": "light"},
    {"language": "zh-hans", "color_scheme": "dark"},
    {"viewport": PHONE},
]


def assert_accessible(page: Page) -> None:
    expect(page.locator("h1")).to_be_visible()
    assert violations(page) == [], page.url
    width = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert width <= 0, f"{page.url} scrolls sideways"


@pytest.fixture
def day(campaign: Campaign, noon: datetime, wu: User, zhao: User) -> dict[str, Interview]:
    """Wu's day, with an interview in each status."""
    statuses = ("feedback_due", "completed", "arrived", "scheduled")
    room = make_room(campaign=campaign)
    day = {
        status: make_interview(
            room=room,
            status=status,
            interviewers=[wu, zhao],
            starts_at=noon + timedelta(hours=2 * place - 4),
        )
        for place, status in enumerate(statuses)
    }
    make_scorecard(interview=day["feedback_due"], interviewer=wu, is_final=False)
    return day


def check(page: Page, start: str, *addresses: str) -> None:
    """Checks the open page and then these addresses, with all details unfolded."""
    root = page.url.removesuffix(start)
    for address in (start, *addresses):
        if address != start:
            page.goto(root + address)
        page.locator("details").evaluate_all("all => all.forEach((one) => { one.open = true })")
        assert_accessible(page)


def test_an_interviewers_pages_are_accessible(
    open_as: Open, wu: User, day: dict[str, Interview]
) -> None:
    card = reverse("scorecard", args=[day["feedback_due"].pk])
    for look in LOOKS:
        page = open_as(wu, reverse("me"), **look)
        expect_live(page)
        check(
            page,
            reverse("me"),
            reverse("interview", args=[day["arrived"].pk]),
            reverse("interview", args=[day["completed"].pk]),
            card,
            f"{card}?review=1",
        )


def test_a_coordinators_pages_are_accessible(
    open_as: Open, lin: User, day: dict[str, Interview]
) -> None:
    application = make_application(campaign=day["arrived"].campaign)
    for state in (task_runs.mark_started, task_runs.mark_succeeded):
        run = task_runs.task_run_create(
            name="import", title="candidates.csv", owner=lin, total=10, can_cancel=True
        )
        state(run)
    for look in LOOKS:
        page = open_as(lin, reverse("tasks"), **look)
        expect_live(page)
        expect(page.locator(".task")).to_have_count(2)
        check(
            page,
            reverse("tasks"),
            reverse("applications"),
            reverse("schedule", args=[application.pk]),
            reverse("interview", args=[day["scheduled"].pk]),
        )
