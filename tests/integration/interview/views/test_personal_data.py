"""Candidates download their data and ask for erasure on their private page; coordinators decide."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from interview.models import Delivery, Interview
from interview.notifications.email.message import build_email
from interview.services import interview_cancel, interview_excuse
from interview.services.application_withdrawal import CANDIDATE
from interview.services.transitions import Actor
from jobs.applications.links import link_of
from jobs.applications.services import application_move
from jobs.merging.diff import digest_of, records_of
from jobs.merging.execute import candidates_merge
from jobs.models import Application, Campaign, Candidate, ErasureRequest, Job, PersonalSettings
from jobs.models.submissions import Submission
from jobs.privacy.anonymisation import anonymisation_announce
from jobs.privacy.erasure_requests import erasure_request_create, erasure_request_decline
from tests.factories import (
    make_application,
    make_campaign,
    make_candidate,
    make_interview,
    make_job,
    make_member,
    make_scorecard,
)
from tests.people import make_person, signed_in
from tests.support.applicants import confirm_all
from tests.support.files.documents import PDF

pytestmark = pytest.mark.django_db
ENGLISH = {"accept-language": "en"}
FORM = {"name": "Su Qing", "mobile": "18100007777", "email": "su@example.com", "consent": "on"}


@pytest.fixture
def job(campaign: Campaign) -> Job:
    return make_job(campaign=campaign, title="Engineer")


@pytest.fixture
def application(job: Job) -> Application:
    """Made with the public form, by a new candidate."""
    return applied(job)


def applied(job: Job, **changed: Any) -> Application:
    resume = SimpleUploadedFile("me.pdf", PDF)
    form = FORM | {"resume": resume} | changed
    assert Client().post(reverse("apply", args=[job.pk]), form).status_code == 302
    confirm_all()
    return Application.objects.order_by("-pk")[0]


def with_another_address(application: Application) -> Application:
    """Another application of the candidate, whose link goes to an address that is not theirs."""
    other = make_application(
        candidate=application.candidate,
        job=make_job(campaign=application.job.campaign, title="Designer"),
    )
    Submission.objects.create(
        application=other,
        entries={"name": "Eve", "email": "eve@example.com"},
        language="en",
        consent_version="2026-11/2y",
        consented_at=timezone.now(),
    )
    return other


def address_of(application: Application, name: str = "my_application") -> str:
    link = link_of(application)
    assert link is not None
    return reverse(name, args=[link.token])


def post(application: Application, **form: str) -> str:
    page = Client().post(address_of(application), form, headers=ENGLISH, follow=True)
    return page.content.decode()


def data_of(application: Application) -> Any:
    answer = Client().get(address_of(application, "my_data_file"))
    assert answer.status_code == 200
    assert answer["Content-Disposition"] == 'attachment; filename="my-data.json"'
    return json.loads(answer.content)


def lins(lin: User) -> Client:
    return signed_in(Client(headers=ENGLISH), lin)


def test_the_data_file_holds_what_is_stored_about_the_candidate(
    application: Application, lin: User, wu: User
) -> None:
    candidate = application.candidate
    interview = make_interview(application=application, interviewers=[wu])
    interview_excuse(
        interview_id=interview.pk, version=interview.version, reason="I am ill", actor=CANDIDATE
    )
    past = make_interview(application=application, interviewers=[wu], status="feedback_due")
    make_scorecard(interview=past, interviewer=wu, strengths="Explains well", concerns="Shy")
    data = data_of(application)
    assert data["person"]["name"] == candidate.name == "Su Qing"
    assert (data["person"]["mobile"], data["person"]["email"]) == ("+8618100007777", FORM["email"])
    assert data["campaigns"] == ["2026 秋季校招"]
    [own] = data["applications"]
    assert (own["job"], own["form"]["entries"]["name"]) == ("Engineer", "Su Qing")
    assert own["form"]["consent_version"] == application.submission.consent_version
    assert base64.b64decode(own["resume"]["content_base64"]) == PDF
    assert "I am ill" in {one["reason"] for one in own["interviews"]}
    assert any(message["event"] == "received" for message in data["messages"])
    assert "once the application is closed" in own["assessments"]
    assert "Shy" not in str(data)
    application.refresh_from_db()
    application_move(
        application=application, to="rejected", version=application.version, by=lin, reason="Junior"
    )
    [own] = data_of(application)["applications"]
    assert (own["assessments"][0]["concerns"], own["history"][-1]["reason"]) == ("Shy", "Junior")


def test_the_data_file_names_nobody_else(
    application: Application, campaign: Campaign, lin: User, wu: User
) -> None:
    interview = make_interview(application=application, interviewers=[wu], status="feedback_due")
    make_scorecard(interview=interview, interviewer=wu)
    other = make_application(campaign=campaign, candidate=make_candidate(name="Somebody Else"))
    application.refresh_from_db()
    application_move(application=application, to="rejected", version=application.version, by=lin)
    text = json.dumps(data_of(application), ensure_ascii=False)
    assert "Su Qing" in text
    for person in (lin, wu):
        for name in (person.username, person.last_name + person.first_name, person.email):
            assert f'"{name}"' not in text
    assert other.candidate.name not in text
    assert str(other.candidate.mobile) not in text


def test_the_data_file_holds_no_reason_of_a_coordinator_for_an_open_application(
    application: Application, lin: User, wu: User
) -> None:
    """A coordinator who cancels for the candidate writes the reason in their own words."""
    interview = make_interview(application=application, interviewers=[wu])
    interview_cancel(
        interview_id=interview.pk,
        version=interview.version,
        reason="Sounded drunk on the phone",
        side="candidate",
        actor=Actor(user=lin, source="test"),
    )
    text = json.dumps(data_of(application))
    assert '"status": "cancelled"' in text
    assert "drunk" not in text


def test_a_page_with_another_address_shows_only_its_own_application(
    application: Application,
) -> None:
    """Earlier versions linked anybody who applied with the mobile number of a candidate."""
    stranger = with_another_address(application)
    data = data_of(stranger)
    assert [one["job"] for one in data["applications"]] == ["Designer"]
    assert "person" not in data
    assert "su@example.com" not in str(data)
    assert [one["job"] for one in data_of(application)["applications"]] == ["Engineer", "Designer"]


def test_the_data_file_needs_the_secret_address(application: Application) -> None:
    address = address_of(application, "my_data_file")
    link = link_of(application)
    assert link is not None
    assert Client().get(address.replace(link.token, f"{link.token}x")).status_code == 404
    assert Client().post(address).status_code == 405
    assert "no-store" in Client().get(address)["Cache-Control"]


def test_a_request_for_erasure_reaches_the_coordinators_of_the_campaigns(
    application: Application, lin: User
) -> None:
    elsewhere, foreign = make_campaign(slug="spring"), make_campaign(slug="foreign")
    colleague, stranger = make_person("yu", "coordinator"), make_person("ma", "coordinator")
    make_member(elsewhere, colleague)
    make_member(foreign, stranger)
    elsewhere.candidates.add(application.candidate)
    page = post(application, do="erase", sure="on")
    assert "You asked on" in page
    PersonalSettings.objects.create(user=lin, language="en")
    messages = Delivery.objects.filter(event="privacy").order_by("pk")
    assert {message.person for message in messages} == {lin, colleague}
    mail = build_email(messages.get(person=lin))
    assert "asks for erasure" in mail.subject
    assert "Su Qing" not in f"{mail.subject} {mail.body}"
    for person, sees in ((lin, True), (colleague, True), (stranger, False)):
        shown = lins(person).get(reverse("privacy")).content.decode()
        assert ("Su Qing" in shown) is sees


def test_a_request_needs_a_tick_is_stored_once_and_can_be_taken_back(
    application: Application, lin: User
) -> None:
    assert "Tick the box" in post(application, do="erase")
    assert not ErasureRequest.objects.exists()
    post(application, do="erase", sure="on")
    post(application, do="erase", sure="on")
    assert ErasureRequest.objects.count() == Delivery.objects.filter(event="privacy").count() == 1
    assert "Your data are kept." in post(application, do="keep")
    assert ErasureRequest.objects.get().state == "cancelled"
    assert "No requests" in lins(lin).get(reverse("privacy")).content.decode()


def test_a_coordinator_carries_a_request_out_after_a_confirmation(
    application: Application, lin: User, wu: User
) -> None:
    interview = make_interview(application=application, interviewers=[wu])
    erasure_request_create(application=application)
    client, address = lins(lin), reverse("erase", args=[application.candidate_id])
    own_page = address_of(application)
    assert "This cannot be undone." in client.get(address).content.decode()
    assert Candidate.objects.get().anonymised_at is None
    assert "were erased" in client.post(address, follow=True).content.decode()
    candidate, request = Candidate.objects.get(), ErasureRequest.objects.get()
    assert candidate.name == f"#{candidate.pk}"
    assert (request.state, request.decided_by) == ("erased", lin)
    assert Application.objects.get().stage == "withdrawn"
    assert Interview.objects.get(pk=interview.pk).status == "cancelled"
    assert not Delivery.objects.filter(candidate=candidate, state="queued").exists()
    assert Client().get(own_page).status_code == 404
    again = client.post(address, follow=True).content.decode()
    assert "have already been erased" in again


def test_a_declined_request_shows_the_reason_to_the_candidate(
    application: Application, lin: User
) -> None:
    request = erasure_request_create(application=application)
    client, address = lins(lin), reverse("decline_erasure", args=[request.pk])
    assert "Enter the reason" in client.post(address, {"answer": " "}, follow=True).content.decode()
    answer = "You work for us now."
    assert client.post(address, {"answer": answer}, follow=True).status_code == 200
    assert answer in Client().get(address_of(application), headers=ENGLISH).content.decode()
    second = client.post(address, {"answer": answer}, follow=True).content.decode()
    assert "already been decided" in second


def test_a_request_from_another_address_is_marked(application: Application, lin: User) -> None:
    erasure_request_create(application=with_another_address(application))
    shown = lins(lin).get(reverse("privacy")).content.decode()
    assert "another e-mail address (eve@example.com)" in shown


def test_a_request_from_another_address_gives_nobody_the_right_to_erase(
    application: Application, lin: User
) -> None:
    """Otherwise a stranger who once applied with a number could have another campaign's erased."""
    make_campaign(slug="spring").candidates.add(application.candidate)
    client, address = lins(lin), reverse("erase", args=[application.candidate_id])
    post(with_another_address(application), do="erase", sure="on")
    assert ErasureRequest.objects.get().email == "eve@example.com"
    assert client.post(address).status_code == 404
    page = client.get(reverse("privacy")).content.decode()
    assert address not in page
    assert "also belongs to a campaign that you do not coordinate" in page
    post(application, do="erase", sure="on")
    assert ErasureRequest.objects.get().email == "su@example.com", "theirs takes its place"
    assert address in client.get(reverse("privacy")).content.decode()
    client.post(address)
    assert Candidate.objects.get().anonymised_at is not None


def test_pages_of_another_address_show_and_take_back_no_request_of_the_candidate(
    application: Application, lin: User
) -> None:
    post(application, do="erase", sure="on")
    strange = with_another_address(application)
    assert "You asked on" not in post(strange, do="keep")
    assert ErasureRequest.objects.get().state == "open"
    erasure_request_decline(request=ErasureRequest.objects.get(), answer="Su works here", by=lin)
    for page, is_shown in ((application, True), (strange, False)):
        shown = Client().get(address_of(page), headers=ENGLISH).content.decode()
        assert ("Su works here" in shown) is is_shown


@pytest.mark.parametrize("person", ["wu", "chen", "sun"])
def test_only_coordinators_open_the_page(
    request: pytest.FixtureRequest, application: Application, person: str
) -> None:
    client = signed_in(Client(), request.getfixturevalue(person))
    found = erasure_request_create(application=application)
    for answer in (
        client.get(reverse("privacy")),
        client.post(reverse("erase", args=[application.candidate_id])),
        client.post(reverse("decline_erasure", args=[found.pk]), {"answer": "no"}),
    ):
        assert answer.status_code == 403
    assert Candidate.objects.get().anonymised_at is None
    assert Client().get(reverse("privacy")).status_code == 302


def test_coordinators_of_other_campaigns_and_without_the_permission_erase_nobody(
    application: Application, lin: User
) -> None:
    found = erasure_request_create(application=application)
    stranger = make_person("ma", "coordinator")
    make_member(make_campaign(slug="foreign"), stranger)
    addresses = [
        reverse("erase", args=[application.candidate_id]),
        reverse("decline_erasure", args=[found.pk]),
    ]
    for address in addresses:
        assert lins(stranger).post(address, {"answer": "no"}).status_code == 404
    group = Group.objects.get(name="coordinator")
    group.permissions.remove(group.permissions.get(codename="anonymise"))
    for address in addresses:
        assert lins(lin).post(address, {"answer": "no"}).status_code == 403
    assert reverse("erase", args=[application.candidate_id]) not in str(
        lins(lin).get(reverse("privacy")).content
    )
    assert (Candidate.objects.get().anonymised_at, ErasureRequest.objects.get().state) == (
        None,
        "open",
    )


def test_a_merge_moves_the_request_to_the_record_that_is_kept(
    application: Application, campaign: Campaign, lin: User
) -> None:
    kept, removed = make_candidate(campaign=campaign), application.candidate
    erasure_request_create(application=application)
    erasure_request_create(application=make_application(campaign=campaign, candidate=kept))
    shown = digest_of(records_of(Candidate.objects.filter(pk__in=[kept.pk, removed.pk])))
    candidates_merge(kept=kept.pk, removed=removed.pk, fields_from_removed=[], shown=shown, by=lin)
    requests = ErasureRequest.objects.filter(candidate=kept)
    assert sorted(requests.values_list("state", flat=True)) == ["cancelled", "open"]


def test_the_page_lists_the_people_of_the_next_night(campaign: Campaign, lin: User) -> None:
    long_ago = timezone.now() - timedelta(days=1100)
    people = [make_application(campaign=campaign), make_application()]
    Application.objects.update(stage="rejected", updated_at=long_ago)
    Candidate.objects.update(created_at=long_ago, updated_at=long_ago)
    anonymisation_announce(now=timezone.now())
    PersonalSettings.objects.create(user=lin, language="en")
    shown = lins(lin).get(reverse("privacy")).content.decode()
    assert "1 person will be anonymised on" in shown
    assert people[0].candidate.name in shown
    assert people[1].candidate.name not in shown, "another campaign"
    mail = build_email(Delivery.objects.get(event="privacy", person=lin))
    assert "1 candidate will be anonymised tonight" in mail.subject
    assert people[0].candidate.name not in mail.body
