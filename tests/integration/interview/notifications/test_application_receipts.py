"""Application receipts: in the applicant's language, with the link to their page."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from interview.models import Delivery
from interview.notifications.sender import deliver
from interview.services.application_withdrawal import application_withdraw
from jobs.applications.links import link_close
from jobs.models import Application, Candidate, Job
from tests.factories import make_application, make_candidate, make_interview, make_job
from tests.support.external.smtp_server import SmtpServer

pytestmark = pytest.mark.django_db
SU = {"name": "苏晴", "mobile": "18100007777", "email": "su@example.com", "consent": "on"}


@pytest.fixture
def job(db: None) -> Job:
    return make_job(title="Backend Engineer")


def apply(job: Job, language: str = "en", **changed: Any) -> None:
    response = Client().post(
        reverse("apply", args=[job.pk]), SU | changed, headers={"accept-language": language}
    )
    assert response.status_code == 302


def link_in(mail: Any) -> str:
    text = mail.get_body(("plain",)).get_content()
    found = re.search(r"https?://[^/\s]+(/my-application/[^\s]+)", text)
    assert found, text
    return found[1]


@pytest.mark.parametrize(("language", "phrase"), [("en", "thank you"), ("zh-hans", "感谢")])
def test_the_receipt_is_in_the_applicants_language_and_links_to_their_page(
    job: Job, smtp_server: SmtpServer, language: str, phrase: str
) -> None:
    apply(job, language)
    deliver("email")
    (mail,) = smtp_server.to("su@example.com")
    assert phrase in mail.get_body(("plain",)).get_content()
    assert "Backend Engineer" in str(mail["Subject"])
    page = Client().get(link_in(mail))
    assert "苏晴" in page.content.decode()


def test_applying_again_on_the_same_day_sends_no_second_receipt(
    job: Job, smtp_server: SmtpServer
) -> None:
    for _ in range(3):
        apply(job)
    deliver("email")
    assert len(smtp_server.mails) == 1


def test_applying_again_after_withdrawing_sends_another_receipt_with_the_link(
    job: Job, smtp_server: SmtpServer
) -> None:
    apply(job)
    application_withdraw(application=Application.objects.get())
    for _ in range(3):
        apply(job)
    deliver("email")
    first, second = smtp_server.to("su@example.com")
    assert link_in(first) == link_in(second)
    assert (
        "We have your application"
        in Client().get(link_in(second) + "?language=en").content.decode()
    )


@pytest.mark.parametrize("known", ["su@work.example.com", ""])
def test_a_stranger_who_reactivates_a_withdrawn_application_gets_no_link(
    job: Job, smtp_server: SmtpServer, known: str
) -> None:
    """The page shows interviews, so its link goes only to the address known before, if any."""
    candidate = make_candidate(mobile="+8618100007777", email=known)
    application_withdraw(application=make_application(candidate=candidate, job=job))
    apply(job, email="mallory@example.com")
    application = Application.objects.get()
    assert application.stage == "applied"
    deliver("email")
    assert [mail["To"] for mail in smtp_server.mails] == ([known] if known else [])
    assert application.submission.entries["another_email"] == "mallory@example.com"


def test_a_stranger_with_a_known_phone_number_learns_nothing(
    job: Job, smtp_server: SmtpServer
) -> None:
    """An applicant uses Su's phone number: Su's data goes to Su, the page shows the typed name."""
    apply(job)
    apply(job, email="mallory@example.com")
    other = make_job(campaign=job.campaign)
    apply(other, email="mallory@example.com", name="Mallory")
    deliver("email")
    assert len(smtp_server.to("su@example.com")) == 1
    (mail,) = smtp_server.to("mallory@example.com")
    assert "苏晴" not in mail.get_body(("plain",)).get_content()
    page = Client().get(link_in(mail)).content.decode()
    assert "苏晴" not in page
    assert job.title not in page
    assert Candidate.objects.get().email == "su@example.com"


def test_a_receipt_for_an_application_by_a_coordinator_uses_the_known_address(
    job: Job, smtp_server: SmtpServer
) -> None:
    known = make_candidate(mobile="+8618100007777", email="su@work.example.com")
    make_application(candidate=known, job=job)
    apply(job)
    deliver("email")
    assert [mail["To"] for mail in smtp_server.mails] == ["su@work.example.com"]


def test_invitations_link_to_the_page_too_and_revoked_links_stay_revoked(
    job: Job, smtp_server: SmtpServer
) -> None:
    apply(job, "en")
    application = Application.objects.get()
    make_interview(application=application)
    deliver("email")
    invitation, receipt = sorted(
        smtp_server.to("su@example.com"), key=lambda mail: "We have" in str(mail["Subject"])
    )
    assert link_in(invitation) == link_in(receipt)
    assert "let us know on your page" in invitation.get_body(("plain",)).get_content()
    calendar = invitation.get_payload()[-1].get_content()  # type: ignore[union-attr]
    assert "my-application" not in calendar
    link_close(application=application)
    make_interview(application=application)
    deliver("email")
    last = smtp_server.to("su@example.com")[-1]
    assert "my-application" not in last.get_body(("plain",)).get_content()


def test_a_queued_receipt_contains_no_personal_data(job: Job) -> None:
    apply(job)
    (message,) = Delivery.objects.filter(event="received")
    assert set(message.facts) == {"application", "language"}
    assert message.interview is None
