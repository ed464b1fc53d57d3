"""Résumé downloads: only for people who take part in the decision, and audited."""

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
from jobs.applications.receive import ResumeFile, application_receive
from jobs.models import Application, Campaign
from jobs.models.submissions import Resume
from monitoring.audit.models import AuditEntry
from tests.factories import bring_to, make_campaign, make_interview, make_job, make_member
from tests.people import make_person, signed_in
from tests.support.applicants import confirm_all
from tests.support.files.documents import PDF

pytestmark = pytest.mark.django_db
ENGLISH = {"accept-language": "en"}


@pytest.fixture(autouse=True)
def full_budget() -> None:
    cache.clear()


@pytest.fixture
def application(campaign: Campaign) -> Application:
    application_receive(
        job_id=make_job(campaign=campaign).pk,
        fields={"name": "苏晴\r\n/../x", "mobile": "18100007777", "email": "su@example.com"},
        language="en",
        resume=ResumeFile(BytesIO(PDF), Resume.Kind.PDF, len(PDF)),
    )
    (application,) = confirm_all()
    assert application
    return application


@pytest.fixture
def interview(application: Application, wu: User) -> Interview:
    return make_interview(application=application, interviewers=[wu])


def download(person: User, application: Application) -> Any:
    address = reverse("resume", args=[application.pk])
    response = signed_in(Client(), person).get(address, headers=ENGLISH)
    # getvalue() also closes the file.
    response.whole = response.getvalue() if response.streaming else response.content
    return response


def read(person: User, application: Application) -> bytes:
    response = download(person, application)
    assert response.status_code == 200
    whole: bytes = response.whole
    return whole


def test_coordinators_and_its_interviewers_can_download_it(
    interview: Interview, lin: User, wu: User, admin: User
) -> None:
    for person in (lin, wu, admin):
        assert read(person, interview.application) == PDF


def test_everybody_else_gets_404(interview: Interview, zhao: User, chen: User, sun: User) -> None:
    elsewhere = make_person("mei", "coordinator")
    make_member(make_campaign(), elsewhere)
    wall = make_person("wall")
    make_member(interview.campaign, wall, role="wall")
    make_interview(campaign=interview.campaign, interviewers=[zhao])
    for person in (zhao, chen, sun, elsewhere, wall):
        assert download(person, interview.application).status_code == 404
    signed_out = Client().get(reverse("resume", args=[interview.application_id]))
    assert signed_out["Location"].startswith(reverse("login"))
    assert not AuditEntry.objects.filter(action="view_resume").exists()


def test_interviewers_who_declined_or_whose_interview_is_cancelled_lose_access(
    application: Application, wu: User, zhao: User
) -> None:
    interview = make_interview(application=application, interviewers=[wu, zhao])
    interview.assignments.get(interviewer=wu).delete()
    part = interview.assignments.get(interviewer=zhao)
    part.response = "declined"
    part.save()
    assert [download(one, application).status_code for one in (wu, zhao)] == [404, 404]
    other = make_interview(application=application, interviewers=[wu])
    assert download(wu, application).status_code == 200
    bring_to(other, "cancelled")
    assert download(wu, application).status_code == 404


def test_it_is_downloaded_and_never_rendered_as_a_page(interview: Interview, wu: User) -> None:
    response = download(wu, interview.application)
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"].startswith("attachment")
    assert "/" not in response["Content-Disposition"].partition("''")[2]
    assert response["Content-Security-Policy"] == "sandbox"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in response["Cache-Control"]


def test_a_download_is_audited_by_ids_only(interview: Interview, wu: User) -> None:
    read(wu, interview.application)
    entry = AuditEntry.objects.get(action="view_resume")
    assert (entry.actor_id, entry.label) == (wu.pk, "jobs.candidate")
    assert entry.ids == [interview.application.candidate_id]
    assert "苏晴" not in str(AuditEntry.objects.values())


def test_a_missing_file_answers_410(interview: Interview, lin: User, sun: User) -> None:
    Path(interview.application.resume.file.path).unlink()
    response = download(lin, interview.application)
    assert response.status_code == 410
    assert "no longer exists" in response.content.decode()
    assert download(sun, interview.application).status_code == 404


def test_an_application_without_a_resume_answers_404(lin: User, campaign: Campaign) -> None:
    bare = make_interview(campaign=campaign)
    assert download(lin, bare.application).status_code == 404


def test_the_address_refuses_post(interview: Interview, lin: User) -> None:
    address = reverse("resume", args=[interview.application_id])
    assert signed_in(Client(), lin).post(address).status_code == 405


def test_pages_link_to_it_only_for_people_who_may_read_it(
    interview: Interview, lin: User, wu: User
) -> None:
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
