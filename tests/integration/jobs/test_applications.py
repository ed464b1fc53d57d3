"""The public application form: validation, stored data, and receipts that reveal nothing."""

from __future__ import annotations

import re
import shutil
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.storage import storages
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from interview.models import Delivery
from interview.notifications.email.message import build_email
from interview.services.application_withdrawal import application_withdraw
from jobs.applications import receive
from jobs.applications.confirm import application_confirm
from jobs.applications.links import link_of
from jobs.applications.services import application_move
from jobs.models import (
    Application,
    ApplicationEvent,
    Campaign,
    Candidate,
    Job,
    PendingApplication,
)
from jobs.models.submissions import ApplicationLink, Resume, Submission
from jobs.privacy.anonymisation import candidates_anonymise
from realtime.rate_limiter import Rate
from tests.factories import make_job
from tests.support.applicants import confirm_all
from tests.support.clients.api import state_of
from tests.support.files.documents import EXE, PDF, docx

pytestmark = pytest.mark.django_db
SU_FORM = {
    "name": "苏 晴",
    "mobile": "181 0000 7777",
    "email": "Su@Example.com",
    "city": "杭州",
    "school": "浙江大学",
    "major": "软件工程",
    "degree": "硕士",
    "consent": "on",
}
WRITTEN_MODELS = (Candidate, Application, Submission, Resume, ApplicationLink, PendingApplication)
NOTHING_WRITTEN: list[Any] = [[] for _model in WRITTEN_MODELS]
COUNTING_MODELS = WRITTEN_MODELS[:-1]  # an unconfirmed application does not count


@pytest.fixture(autouse=True)
def storage_dir() -> Path:
    """The directory in which résumés are stored, emptied before each test."""
    directory = Path(storages["private"].path(""))
    shutil.rmtree(directory, ignore_errors=True)
    cache.clear()  # resets the rate limit of applications
    return directory


@pytest.fixture
def job(campaign: Campaign) -> Job:
    return make_job(campaign=campaign, title="Backend Engineer")


def apply(client: Client, job: Job, **changed: Any) -> Any:
    address = reverse("apply", args=[job.pk])
    return client.post(address, SU_FORM | changed, headers={"accept-language": "en"})


def applied(client: Client, job: Job, **changed: Any) -> Any:
    """Applies, and confirms the e-mail address."""
    response = apply(client, job, **changed)
    confirm_all()
    return response


def file(content: bytes, name: str = "me.pdf") -> BytesIO:
    stream = BytesIO(content)
    stream.name = name
    return stream


def files(storage_dir: Path) -> list[Path]:
    return [one for one in storage_dir.rglob("*") if one.is_file()]


def main_html(response: Any) -> str:
    """The HTML of the page without its navigation bar."""
    return re.sub(r"^.*<main", "", response.content.decode(), flags=re.DOTALL)


def error_of(response: Any, field: str) -> str:
    """The error shown at this field; the response must be a refusal."""
    assert response.status_code == 422
    return " ".join(response.context["form"].errors[field])


def test_a_confirmed_application_creates_a_candidate_and_stores_the_submitted_data(
    client: Client, job: Job, storage_dir: Path
) -> None:
    response = applied(client, job, resume=file(PDF))
    assert response["Location"] == reverse("applied", args=[job.pk])
    application = Application.objects.get()
    candidate = application.candidate
    assert (candidate.name, candidate.mobile) == ("苏 晴", "+8618100007777")
    assert (candidate.email, candidate.degree) == ("su@example.com", "硕士")
    assert (application.job, application.stage) == (job, "applied")
    assert job.campaign.candidates.get() == candidate
    assert (application.resume.kind, application.resume.size) == ("pdf", len(PDF))
    assert application.submission.consent_version == "2026-12/2y"
    assert application.submission.language == "en"
    assert files(storage_dir)[0].read_bytes() == PDF
    assert "me" not in files(storage_dir)[0].name


def test_a_stored_resume_is_readable_by_its_system_account_only(
    client: Client, job: Job, storage_dir: Path
) -> None:
    apply(client, job, resume=file(PDF))
    assert files(storage_dir)[0].stat().st_mode & 0o077 == 0


def test_applying_again_gives_the_same_receipt_and_no_second_application(
    client: Client, job: Job, storage_dir: Path, django_capture_on_commit_callbacks: Any
) -> None:
    first = applied(client, job, resume=file(PDF))
    before = state_of(*COUNTING_MODELS)
    for again in ({}, {"mobile": "18100008888", "name": "X"}):
        with django_capture_on_commit_callbacks(execute=True):
            response = applied(Client(), job, **again)
        assert (response.status_code, response["Location"]) == (302, first["Location"])
    assert state_of(*COUNTING_MODELS) == before
    assert len(files(storage_dir)) == 1


def test_applying_again_with_a_newer_resume_keeps_the_newer_and_says_so(
    client: Client, job: Job, storage_dir: Path, django_capture_on_commit_callbacks: Any
) -> None:
    applied(client, job, resume=file(PDF))
    newer = docx()
    with django_capture_on_commit_callbacks(execute=True):
        applied(Client(), job, resume=file(newer), school="Tongji")
    application = Application.objects.get()
    assert (application.resume.kind, application.stage, application.version) == (
        *("docx", "applied"),
        2,
    )
    assert [one.read_bytes() for one in files(storage_dir)] == [newer]
    assert application.submission.entries["school"] == SU_FORM["school"], "the answers stay"
    step = application.events.last()
    assert step
    assert (step.from_stage, step.to_stage, step.reason) == (
        "applied",
        "applied",
        "候选人提交了新简历",
    )
    receipt = Delivery.objects.filter(event="received").latest("pk")
    assert "newer résumé" in build_email(receipt).body
    link = link_of(application)
    assert link
    page = Client(headers={"accept-language": "en"}).get(f"/my-application/{link.token}/")
    assert "sent on" in page.content.decode()


def test_the_resume_that_was_sent_later_is_kept_whichever_is_confirmed_first(
    client: Client, job: Job, django_capture_on_commit_callbacks: Any
) -> None:
    applied(client, job)
    for content in (file(PDF), file(docx())):
        apply(Client(), job, resume=content)
    earlier, later = PendingApplication.objects.filter(application=None).order_by("pk")
    application_confirm(pending=later)
    application_confirm(pending=earlier)
    assert Resume.objects.get().kind == "docx"


def test_applying_again_after_withdrawing_reopens_the_application(
    client: Client, job: Job, storage_dir: Path, django_capture_on_commit_callbacks: Any
) -> None:
    first = applied(client, job, resume=file(PDF))
    application = application_withdraw(application=Application.objects.get())
    Submission.objects.update(consent_version="outdated")
    newer = docx()
    with django_capture_on_commit_callbacks(execute=True):
        response = applied(Client(), job, resume=file(newer), school="Tongji")
    assert (response.status_code, response["Location"]) == (302, first["Location"])
    application.refresh_from_db()
    assert application.stage == "applied"
    submission = Submission.objects.get()
    assert (submission.entries["school"], submission.consent_version) == ("Tongji", "2026-12/2y")
    assert Resume.objects.get().kind == "docx"
    assert [one.read_bytes() for one in files(storage_dir)] == [newer]
    step = application.events.last()
    assert step
    assert (step.from_stage, step.to_stage, step.by) == ("withdrawn", "applied", None)
    assert step.reason == "候选人再次申请"


def test_a_reopened_application_is_not_changed_by_applying_once_more(
    client: Client, job: Job
) -> None:
    applied(client, job, resume=file(PDF))
    application_withdraw(application=Application.objects.get())
    applied(client, job)
    assert Resume.objects.exists(), "without a new résumé the old one is kept"
    before = state_of(*COUNTING_MODELS, ApplicationEvent)
    applied(client, job, school="Tongji")
    assert state_of(*COUNTING_MODELS, ApplicationEvent) == before


def test_a_rejected_application_is_not_reopened_by_applying_again(client: Client, job: Job) -> None:
    applied(client, job)
    application = Application.objects.get()
    application_move(application=application, to="rejected", version=1, by=None)
    before = state_of(*COUNTING_MODELS)
    applied(client, job, resume=file(PDF))
    assert state_of(*COUNTING_MODELS) == before


def test_the_receipt_does_not_reveal_whether_the_candidate_is_known(
    client: Client, job: Job
) -> None:
    receipt = reverse("applied", args=[job.pk])
    apply(client, job)
    mine = client.get(receipt)
    known, bot = Client(), Client()
    apply(known, job, email="other@example.com")
    apply(bot, job, trap="x")
    for other in (known, bot):
        assert main_html(mine) == main_html(other.get(receipt))
        assert sorted(other.cookies) == sorted(client.cookies)
    assert "my-application" not in mine.content.decode()


def test_without_an_application_there_is_no_receipt(client: Client, job: Job) -> None:
    other = make_job(campaign=job.campaign)
    apply(client, job)
    assert client.get(reverse("applied", args=[job.pk])).status_code == 200
    client.cookies["sent"]["path"] = "/"
    response = client.get(reverse("applied", args=[other.pk]))
    assert (response.status_code, response["Location"]) == (302, reverse("job", args=[other.pk]))
    assert Client().get(reverse("applied", args=[job.pk])).status_code == 302
    forger = Client()
    forger.cookies["sent"] = str(job.pk)
    assert forger.get(reverse("applied", args=[job.pk])).status_code == 302


def test_the_receipt_promises_an_email_only_if_email_is_configured(
    client: Client, job: Job, settings: Settings
) -> None:
    apply(client, job)
    receipt = reverse("applied", args=[job.pk])
    for host, promised in (("", False), ("mail.example.com", True)):
        settings.EMAIL_HOST = host
        receipt_html = main_html(client.get(receipt, headers={"accept-language": "en"}))
        promises = ("sending a link to the address you entered", "We e-mail you", "spam folder")
        assert [text in receipt_html for text in promises] == [promised] * 3
        assert ("cannot send e-mails" in receipt_html) is not promised


def test_a_candidate_may_apply_for_another_opening(client: Client, job: Job) -> None:
    other = make_job(campaign=job.campaign)
    applied(client, job)
    applied(client, other)
    assert Candidate.objects.count() == 1
    assert Application.objects.count() == 2


@pytest.mark.parametrize(
    "closed", [{"is_published": False}, {"is_confidential": True}, {"campaign_open": False}]
)
def test_nobody_can_apply_for_an_opening_that_is_not_public(
    client: Client, job: Job, closed: dict[str, bool]
) -> None:
    assert client.get(reverse("apply", args=[job.pk])).status_code == 200
    if "campaign_open" in closed:
        Campaign.objects.update(is_open=False)
    else:
        Job.objects.update(**closed)
    response = apply(client, job)
    unknown = client.post(reverse("apply", args=[0]), SU_FORM, headers={"accept-language": "en"})
    assert (response.status_code, unknown.status_code) == (404, 404)
    assert main_html(response) == main_html(unknown)
    assert Application.objects.count() == 0


def test_an_application_is_refused_if_the_opening_has_just_closed(
    job: Job, storage_dir: Path
) -> None:
    Job.objects.update(is_published=False)
    resume = receive.ResumeFile(BytesIO(PDF), Resume.Kind.PDF, len(PDF))
    with pytest.raises(receive.OpeningClosed):
        receive.application_receive(job_id=job.pk, fields={}, language="en", resume=resume)
    assert files(storage_dir) == []


def test_a_failed_application_leaves_no_file_behind(job: Job, storage_dir: Path) -> None:
    def fail(*args: Any, **kwargs: Any) -> None:
        assert len(files(storage_dir)) == 1
        raise RuntimeError

    receive.application_submitted.connect(fail)
    try:
        with pytest.raises(RuntimeError):
            receive.application_receive(
                job_id=job.pk,
                fields={"name": "A", "mobile": "18100007777", "email": "a@example.com"},
                language="en",
                resume=receive.ResumeFile(BytesIO(PDF), Resume.Kind.PDF, len(PDF)),
            )
    finally:
        receive.application_submitted.disconnect(fail)
    assert files(storage_dir) == []
    assert state_of(*WRITTEN_MODELS) == NOTHING_WRITTEN


INVALID_VALUES = [
    ("name", ""),
    ("name", "x" * 121),
    ("name", "a\0b"),
    ("name", "\u200b"),
    ("mobile", "12"),
    ("mobile", "call me"),
    ("email", "su@"),
    ("city", "x" * 61),
    ("degree", "Emperor"),
    ("consent", ""),
]


def test_an_invalid_value_is_reported_at_its_field_and_the_form_keeps_its_entries(
    subtests: pytest.Subtests, client: Client, job: Job
) -> None:
    for field, value in INVALID_VALUES:
        with subtests.test(field=field, value=value):
            response = apply(client, job, **{field: value})
            assert error_of(response, field)
            page = response.content.decode()
            assert 'aria-invalid="true"' in page
            assert "浙江大学" in page
            assert state_of(*WRITTEN_MODELS) == NOTHING_WRITTEN


@pytest.mark.parametrize(
    "content", [EXE, b"", b"just text", docx()[:-30]], ids=["exe", "empty", "text", "cut"]
)
@pytest.mark.parametrize("name", ["me.pdf", "me.docx", "../../etc/passwd", "a\0b.doc"])
def test_a_file_that_is_no_document_is_refused_whatever_its_name(
    client: Client, job: Job, content: bytes, name: str
) -> None:
    assert error_of(apply(client, job, resume=file(content, name)), "resume")
    assert state_of(*WRITTEN_MODELS) == NOTHING_WRITTEN


def test_a_resume_with_a_password_is_refused_with_that_reason(client: Client, job: Job) -> None:
    cases = Path(__file__).parents[2] / "cases" / "resumes"
    content = (cases / "resume_password_protected.docx").read_bytes()
    error = error_of(apply(client, job, resume=file(content, "me.docx")), "resume")
    assert error == "This file has a password. Save it without a password and try again."
    assert not Application.objects.exists()


@pytest.mark.parametrize("name", ["virus.exe", "../../../../tmp/me.pdf", "履历" * 100, "a\0b"])
def test_a_document_is_accepted_whatever_its_name(
    client: Client, job: Job, storage_dir: Path, name: str
) -> None:
    assert apply(client, job, resume=file(PDF, name)).status_code == 302
    assert files(storage_dir)[0].parent.parent == storage_dir / "resumes"


def test_a_file_that_is_too_large_is_refused(client: Client, job: Job, settings: Settings) -> None:
    settings.RESUME_BYTES = 1_000
    error = error_of(apply(client, job, resume=file(PDF.ljust(1_001))), "resume")
    assert (
        error.replace("\xa0", " ") == "This file is larger than 1000 bytes. Choose a smaller one."
    )
    assert apply(client, job, resume=file(PDF.ljust(1_000))).status_code == 302


def test_a_form_in_another_encoding_causes_no_server_error(client: Client, job: Job) -> None:
    body = "name=%CB%D5%C7%E7&mobile=18100007777&email=su@example.com&consent=on"
    kind = "application/x-www-form-urlencoded"
    response = client.post(reverse("apply", args=[job.pk]), body, content_type=kind)
    assert response.status_code == 302


def test_a_bot_that_fills_in_the_hidden_field_gets_a_receipt_and_nothing_is_stored(
    client: Client, job: Job
) -> None:
    response = apply(client, job, trap="http://buy.example.com", email="not one")
    assert response["Location"] == reverse("applied", args=[job.pk])
    assert state_of(*WRITTEN_MODELS) == NOTHING_WRITTEN


def test_the_script_gets_errors_by_field_or_the_address_of_the_receipt(
    client: Client, job: Job
) -> None:
    address, wants_json = reverse("apply", args=[job.pk]), {"accept": "application/json"}
    response = client.post(address, SU_FORM | {"email": ""}, headers=wants_json)
    assert response.status_code == 422
    assert list(response.json()["errors"]) == ["email"]
    response = client.post(address, SU_FORM, headers=wants_json)
    assert response.json() == {"url": reverse("applied", args=[job.pk])}


def test_a_form_posted_from_another_site_is_refused(job: Job) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(reverse("apply", args=[job.pk]), SU_FORM).status_code == 403
    assert Application.objects.count() == 0


def test_pages_are_not_cached_and_only_the_form_accepts_post(client: Client, job: Job) -> None:
    for name in ("apply", "applied"):
        assert "no-store" in client.get(reverse(name, args=[job.pk]))["Cache-Control"]
    assert client.post(reverse("applied", args=[job.pk])).status_code == 405
    assert client.put(reverse("apply", args=[job.pk])).status_code == 405


def test_anonymising_deletes_the_resume_and_the_submitted_data(
    client: Client, job: Job, storage_dir: Path, django_capture_on_commit_callbacks: Any
) -> None:
    applied(client, job, resume=file(PDF))
    application = Application.objects.get()
    with django_capture_on_commit_callbacks(execute=True):
        candidates_anonymise(candidates=[application.candidate_id], by=None)
        assert len(files(storage_dir)) == 1, "the file is deleted only after the commit"
    assert files(storage_dir) == []
    assert (Resume.objects.count(), ApplicationLink.objects.count()) == (0, 0)
    submission = Submission.objects.get()
    assert (submission.entries, submission.consent_version) == ({}, "2026-12/2y")


def test_the_resume_directory_is_outside_all_served_directories(settings: Settings) -> None:
    storage_dir = Path(storages["private"].path(""))
    for served in (settings.STATIC_ROOT, settings.MEDIA_ROOT):
        assert Path(served) not in [storage_dir, *storage_dir.parents]


def test_too_many_applications_are_refused_with_a_request_to_wait(
    client: Client, job: Job, settings: Settings
) -> None:
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"apply": Rate(2, 60)}
    answers = [apply(client, job, email=f"su{number}@example.com") for number in range(3)]
    assert [response.status_code for response in answers] == [302, 302, 429]
    assert client.get(reverse("apply", args=[job.pk])).status_code == 200, (
        "reading the form is not limited"
    )
