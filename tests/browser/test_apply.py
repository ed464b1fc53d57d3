"""Applying in a real browser, with scripts and without, and the candidate's own page."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import FilePayload, Page, expect

from interview.models import Interview
from jobs.applications.links import link_of
from jobs.models import Application, Campaign, Job, PendingApplication
from tests.browser.conftest import Open, violations
from tests.factories import make_interview, make_job
from tests.support.files.documents import EXE, PDF

pytestmark = [
    pytest.mark.browser,
    pytest.mark.processes,
    pytest.mark.django_db(transaction=True),
]

PHONE = {"width": 390, "height": 844}


@pytest.fixture
def job(campaign: Campaign) -> Job:
    return make_job(campaign=campaign, title="Backend Engineer", responsibilities="Write\nRead")


def fill_in(page: Page, content: bytes) -> None:
    page.fill("#id_name", "苏晴")
    page.fill("#id_mobile", "18100007777")
    page.fill("#id_email", "su@example.com")
    page.fill("#id_school", "浙江大学")
    file = FilePayload(name="me.pdf", mimeType="application/pdf", buffer=content)
    page.set_input_files("#id_resume", file)


def assert_no_problems(page: Page) -> None:
    expect(page.locator("h1")).to_be_visible()
    assert violations(page) == [], page.url
    assert page.errors == []  # type: ignore[attr-defined]
    assert page.evaluate("document.documentElement.scrollWidth") <= page.evaluate("innerWidth")


def test_a_mistyped_domain_is_pointed_out_and_does_not_stop_the_applicant(
    open_as: Open, job: Job
) -> None:
    page = open_as(None, reverse("apply", args=[job.pk]), viewport=PHONE)
    fill_in(page, PDF)
    page.fill("#id_email", "su@gmial.com")
    page.focus("#id_school")
    expect(page.locator("[data-field=email] .hint")).to_contain_text("gmail.com")
    assert_no_problems(page)
    page.check("#id_consent")
    page.click("form.apply button.primary")
    page.wait_for_url("**/applied/**")
    assert PendingApplication.objects.get().email == "su@gmial.com"


def test_a_mistake_is_corrected_in_place_and_the_chosen_file_stays(open_as: Open, job: Job) -> None:
    page = open_as(None, reverse("job", args=[job.pk]), viewport=PHONE)
    assert_no_problems(page)
    page.locator(".apply-bar a").click()
    assert_no_problems(page)
    fill_in(page, PDF)
    page.click("form.apply button.primary")
    expect(page.locator("[data-field=consent] .errorlist")).to_be_visible()
    assert page.input_value("#id_school") == "浙江大学"
    assert page.evaluate("document.querySelector('#id_resume').files[0].name") == "me.pdf"
    assert_no_problems(page)
    page.check("#id_consent")
    page.click("form.apply button.primary")
    page.wait_for_url("**/applied/")
    assert_no_problems(page)
    pending = PendingApplication.objects.get()
    page.goto(page.url.partition("/job/")[0] + reverse("confirm_application", args=[pending.token]))
    expect(page.locator(".entered")).to_contain_text("苏晴")
    assert_no_problems(page)
    page.click("main button.primary")
    page.wait_for_url("**/my-application/**")
    assert_no_problems(page)
    assert Application.objects.get().resume.size == len(PDF)


def test_the_application_form_works_without_scripts(open_as: Open, job: Job) -> None:
    page = open_as(None, reverse("apply", args=[job.pk]), java_script_enabled=False)
    fill_in(page, EXE)
    page.check("#id_consent")
    page.click("form.apply button.primary")
    expect(page.locator("[data-field=resume] .errorlist")).to_be_visible()
    assert page.input_value("#id_name") == "苏晴"
    fill_in(page, PDF)
    page.click("form.apply button.primary")
    page.wait_for_url("**/applied/")
    assert PendingApplication.objects.get().resume_kind == "pdf"


@pytest.mark.parametrize(
    "look", [{"viewport": PHONE}, {"language": "zh-hans", "color_scheme": "dark"}], ids=str
)
def test_the_candidates_page_accepts_an_answer_without_an_origin_header(
    open_as: Open, campaign: Campaign, wu: User, look: dict[str, Any]
) -> None:
    """With `no-referrer` a browser sends no origin with the form."""
    tomorrow = timezone.now() + timedelta(days=1)
    interview = make_interview(campaign=campaign, interviewers=[wu], starts_at=tomorrow)
    link = link_of(interview.application)
    assert link
    page = open_as(None, reverse("my_application", args=[link.token]), **look)
    assert_no_problems(page)
    expect(page.locator(".visit .code")).to_be_visible()
    page.locator(".visit-excuse summary").click()
    assert_no_problems(page)
    page.locator("form:has([value=confirm]) button").click()
    expect(page.locator(".visit .chip.ok")).to_be_visible()
    assert Interview.objects.get().status == "confirmed"
    page.locator(".own-languages a[lang=en]").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
