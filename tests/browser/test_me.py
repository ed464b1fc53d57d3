"""The interviewer's page in a real browser: others' changes show at once; its actions work."""

import re

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import Page, expect

from interview import services
from interview.models import Interview, InterviewAssignment, Notification
from interview.services.transitions import Actor
from jobs.models import Campaign
from tests.browser.conftest import Open, expect_live
from tests.factories import make_application, make_candidate, make_interview
from tests.support.product.processes import Site

pytestmark = [
    pytest.mark.browser,
    pytest.mark.processes,
    pytest.mark.django_db(transaction=True),
]

PHONE = {"width": 390, "height": 844}


@pytest.fixture
def interview(campaign: Campaign, wu: User) -> Interview:
    application = make_application(campaign=campaign, candidate=make_candidate(name="李小龙"))
    return make_interview(campaign=campaign, application=application, interviewers=[wu])


@pytest.fixture
def me(open_as: Open, wu: User, interview: Interview) -> Page:
    """Wu's page on a phone, live."""
    page = open_as(wu, reverse("me"), viewport=PHONE)
    expect_live(page)
    return page


def act(interview: Interview, service: str, by: User, **said: object) -> None:
    """Takes a step of an interview on the server, as another machine would."""
    fresh = Interview.objects.get(pk=interview.pk)
    getattr(services, service)(
        interview_id=fresh.pk, version=fresh.version, actor=Actor(user=by, source="test"), **said
    )


def test_an_arrival_shows_by_itself_until_its_notice_is_read(
    me: Page, interview: Interview, lin: User, wu: User
) -> None:
    expect(me.locator(".next h2")).to_have_text("李小龙")
    expect(me.locator(".arrived")).to_have_count(0)
    act(interview, "interview_check_in", lin)
    expect(me.locator(".arrived")).to_contain_text("李小龙")
    expect(me).to_have_title(re.compile(r"^\(2\) "))
    expect(me.locator(".notices .unread")).to_have_count(2)
    assert me.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    me.click("#notices h2 button")
    expect(me.locator(".notices .unread")).to_have_count(0)
    expect(me).to_have_title(re.compile(r"^[^(]"))
    assert not Notification.objects.filter(recipient=wu, read_at=None).exists()


def test_a_whole_interview_can_be_handled_from_a_phone(me: Page, interview: Interview) -> None:
    me.click("[data-action=accept]")
    expect(me.locator("[data-action=accept]")).to_have_count(0)
    me.click("[data-late='10']")
    expect(me.locator("[data-late='10']")).to_have_attribute("aria-pressed", "true")
    part = InterviewAssignment.objects.get(interview=interview)
    assert (part.response, part.late_minutes) == ("accepted", 10)
    me.click("[data-action=start]")
    me.click("[data-action=finish]")
    expect(me.locator(".next")).to_have_count(0)
    due = me.locator(f"a[href='{reverse('scorecard', args=[interview.pk])}']")
    expect(due).to_be_visible()
    interview.refresh_from_db()
    assert interview.status == "feedback_due"
    assert [event.source for event in interview.events.all()[1:]] == ["api"] * 4


def test_a_decline_keeps_its_reason(me: Page, interview: Interview) -> None:
    me.click(".decline summary")
    me.fill("[name=reason]", "Production incident")
    me.click(".decline button")
    expect(me.locator(".next")).to_have_count(0)
    assert InterviewAssignment.objects.get().decline_reason == "Production incident"


def test_a_refused_action_is_reported_and_changes_nothing(
    me: Page, interview: Interview, lin: User, running: Site
) -> None:
    """The relay is stopped, so the page shows an older version than the database has."""
    running.process("relay").kill()
    act(interview, "interview_confirm", lin)
    me.click("[data-action=accept]")
    expect(me.locator(".toast.error")).to_be_visible()
    assert InterviewAssignment.objects.get().response == "pending"


def test_the_connection_status_is_true_and_the_page_catches_up(
    me: Page, running: Site, interview: Interview, lin: User
) -> None:
    running.process("web").kill()
    expect(me.locator("#me-live")).to_have_attribute("data-state", "offline")
    act(interview, "interview_check_in", lin)
    running.start("web")
    expect(me.locator("#me-live")).to_have_attribute("data-state", "live", timeout=40_000)
    expect(me.locator(".arrived")).to_contain_text("李小龙")
