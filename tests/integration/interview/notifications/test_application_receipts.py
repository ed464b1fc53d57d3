"""E-mails to applicants: in their language, with the link to confirm or to their page.

`tests/integration/jobs/test_confirmed_applications.py` tests to whom they go.
"""

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
from jobs.models import Application, Job
from tests.factories import make_interview, make_job
from tests.support.applicants import confirm_all
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
    confirm_all()


def link_in(mail: Any) -> str:
    text = mail.get_body(("plain",)).get_content()
    found = re.search(r"https?://[^/\s]+(/my-application/[^\s]+)", text)
    assert found, text
    return found[1]


@pytest.mark.parametrize(
    ("language", "confirm", "thanks"),
    [("en", "confirm it", "Thank you"), ("zh-hans", "请确认", "感谢")],
)
def test_both_emails_are_in_the_applicants_language(
    job: Job, smtp_server: SmtpServer, language: str, confirm: str, thanks: str
) -> None:
    address = reverse("apply", args=[job.pk])
    Client().post(address, SU, headers={"accept-language": language})
    deliver("email")
    confirm_all()
    deliver("email")
    for mail, phrase in zip(smtp_server.to("su@example.com"), (confirm, thanks), strict=True):
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
    assert set(message.facts) == {"application", "language", "has_newer_resume"}
    assert message.facts["has_newer_resume"] is False
    assert message.interview is None
