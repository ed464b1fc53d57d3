"""A résumé is read by who decides with it, and by nobody else; that it was read is remembered."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from interview.live.topics import person_rows
from interview.models import Interview
from jobs.applications.models import Resume
from jobs.applications.receive import ResumeFile, application_receive
from jobs.models import Application, Campaign
from monitoring.audit.models import AuditEntry
from tests.factories import bring_to, make_campaign, make_interview, make_job, make_member
from tests.people import make_person, signed_in
from tests.support.documents import PDF

pytestmark = pytest.mark.django_db
ENGLISH = {"accept-language": "en"}


@pytest.fixture(autouse=True)
def full_budget() -> None:
    cache.clear()


@pytest.fixture
def application(campaign: Campaign) -> Application:
    return application_receive(
        job_id=make_job(campaign=campaign).pk,
        fields={"name": "苏晴\r\n/../x", "mobile": "18100007777", "email": "su@example.com"},
        language="en",
        resume=ResumeFile(BytesIO(PDF), Resume.Kind.PDF, len(PDF)),
    )


@pytest.fixture
def interview(application: Application, wu: User) -> Interview:
    return make_interview(application=application, interviewers=[wu])


def ask(person: User, application: Application) -> Any:
    address = reverse("resume", args=[application.pk])
    answer = signed_in(Client(), person).get(address, headers=ENGLISH)
    answer.whole = answer.getvalue() if answer.streaming else answer.content  # and it is closed
    return answer


def read(person: User, application: Application) -> bytes:
    answer = ask(person, application)
    assert answer.status_code == 200
    whole: bytes = answer.whole
    return whole


def test_coordinators_and_its_interviewers_read_it(
    interview: Interview, lin: User, wu: User, admin: User
) -> None:
    for person in (lin, wu, admin):
        assert read(person, interview.application) == PDF


def test_to_everybody_else_it_is_not_there(
    interview: Interview, zhao: User, chen: User, sun: User
) -> None:
    elsewhere = make_person("mei", "coordinator")
    make_member(make_campaign(), elsewhere)
    wall = make_person("wall")
    make_member(interview.campaign, wall, role="wall")
    make_interview(campaign=interview.campaign, interviewers=[zhao])
    for person in (zhao, chen, sun, elsewhere, wall):
        assert ask(person, interview.application).status_code == 404
    signed_out = Client().get(reverse("resume", args=[interview.application_id]))
    assert signed_out["Location"].startswith(reverse("login"))
    assert not AuditEntry.objects.filter(action="view_resume").exists()


def test_who_has_declined_or_has_nobody_to_meet_reads_it_no_longer(
    application: Application, wu: User, zhao: User
) -> None:
    interview = make_interview(application=application, interviewers=[wu, zhao])
    interview.assignments.get(interviewer=wu).delete()
    part = interview.assignments.get(interviewer=zhao)
    part.response = "declined"
    part.save()
    assert [ask(one, application).status_code for one in (wu, zhao)] == [404, 404]
    other = make_interview(application=application, interviewers=[wu])
    assert ask(wu, application).status_code == 200
    bring_to(other, "cancelled")
    assert ask(wu, application).status_code == 404


def test_it_is_saved_and_never_shown_as_a_page_of_ours(interview: Interview, wu: User) -> None:
    answer = ask(wu, interview.application)
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"].startswith("attachment")
    assert "/" not in answer["Content-Disposition"].partition("''")[2]
    assert answer["Content-Security-Policy"] == "sandbox"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer["Cache-Control"]


def test_that_it_was_read_is_remembered_by_ids_alone(interview: Interview, wu: User) -> None:
    read(wu, interview.application)
    entry = AuditEntry.objects.get(action="view_resume")
    assert (entry.actor_id, entry.label) == (wu.pk, "jobs.candidate")
    assert entry.ids == [interview.application.candidate_id]
    assert "苏晴" not in str(AuditEntry.objects.values())


def test_a_file_that_is_gone_is_said_to_be(interview: Interview, lin: User, sun: User) -> None:
    Path(interview.application.resume.file.path).unlink()
    answer = ask(lin, interview.application)
    assert answer.status_code == 410
    assert "no longer exists" in answer.content.decode()
    assert ask(sun, interview.application).status_code == 404


def test_an_application_without_one_has_none(lin: User, campaign: Campaign) -> None:
    bare = make_interview(campaign=campaign)
    assert ask(lin, bare.application).status_code == 404


def test_it_is_only_read(interview: Interview, lin: User) -> None:
    address = reverse("resume", args=[interview.application_id])
    assert signed_in(Client(), lin).post(address).status_code == 405


def test_pages_lead_to_it_where_it_may_be_read(interview: Interview, lin: User, wu: User) -> None:
    address = reverse("resume", args=[interview.application_id])
    pages = {
        lin: ["candidates", "applications"],
        wu: ["me"],
    }
    for person, names in pages.items():
        client = signed_in(Client(), person)
        for name in names:
            assert address in client.get(reverse(name)).content.decode(), name
        page = client.get(reverse("interview", args=[interview.pk])).content.decode()
        assert address in page
    (row,) = [one for one in person_rows(str(wu.pk)) if one["kind"] == "interview"]
    assert row["resume_url"] == address


def test_who_declined_is_not_led_to_it(interview: Interview, wu: User) -> None:
    part = interview.assignments.get(interviewer=wu)
    part.response = "declined"
    part.save()
    (row,) = [one for one in person_rows(str(wu.pk)) if one["kind"] == "interview"]
    assert row["resume_url"] == ""
    page = signed_in(Client(), wu).get(reverse("interview", args=[interview.pk]))
    assert reverse("resume", args=[interview.application_id]) not in page.content.decode()
