"""The public application form: anybody can apply once, and learns only that it was received."""

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

from interview.services.application_withdrawal import application_withdraw
from jobs.applications import receive
from jobs.applications.services import application_move
from jobs.models import Application, ApplicationEvent, Campaign, Candidate, Job
from jobs.models.submissions import ApplicationLink, Resume, Submission
from jobs.privacy.anonymisation import candidates_anonymise
from realtime.http.rate_limit_settings import Rate
from tests.factories import make_candidate, make_job
from tests.support.clients.api import state_of
from tests.support.files.documents import EXE, PDF, docx

pytestmark = pytest.mark.django_db
SU = {
    "name": "苏 晴",
    "mobile": "181 0000 7777",
    "email": "Su@Example.com",
    "city": "杭州",
    "school": "浙江大学",
    "major": "软件工程",
    "degree": "硕士",
    "consent": "on",
}
WRITTEN = (Candidate, Application, Submission, Resume, ApplicationLink)


@pytest.fixture(autouse=True)
def shelf() -> Path:
    """Returns the empty directory in which résumés are stored."""
    place = Path(storages["private"].path(""))
    shutil.rmtree(place, ignore_errors=True)
    cache.clear()  # nobody has applied lately
    return place


@pytest.fixture
def job(campaign: Campaign) -> Job:
    return make_job(campaign=campaign, title="Backend Engineer")


def apply(client: Client, job: Job, **changed: Any) -> Any:
    address = reverse("apply", args=[job.pk])
    return client.post(address, SU | changed, headers={"accept-language": "en"})


def file(content: bytes, name: str = "me.pdf") -> BytesIO:
    stream = BytesIO(content)
    stream.name = name
    return stream


def files(shelf: Path) -> list[Path]:
    return [one for one in shelf.rglob("*") if one.is_file()]


def words_of(answer: Any) -> str:
    """Returns the text of the page without its navigation bar."""
    return re.sub(r"^.*<main", "", answer.content.decode(), flags=re.DOTALL)


def refused(answer: Any, field: str) -> str:
    assert answer.status_code == 422
    return " ".join(answer.context["form"].errors[field])


def test_an_application_makes_a_candidate_and_keeps_what_was_sent(
    client: Client, job: Job, shelf: Path
) -> None:
    answer = apply(client, job, resume=file(PDF))
    assert answer["Location"] == reverse("applied", args=[job.pk])
    application = Application.objects.get()
    candidate = application.candidate
    assert (candidate.name, candidate.mobile) == ("苏 晴", "+8618100007777")
    assert (candidate.email, candidate.degree) == ("su@example.com", "硕士")
    assert (application.job, application.stage) == (job, "applied")
    assert job.campaign.candidates.get() == candidate
    assert (application.resume.kind, application.resume.size) == ("pdf", len(PDF))
    assert application.submission.consent_version == "2026-11/2y"
    assert application.submission.language == "en"
    assert files(shelf)[0].read_bytes() == PDF
    assert "me" not in files(shelf)[0].name


def test_the_file_is_nobody_elses_to_read(client: Client, job: Job, shelf: Path) -> None:
    apply(client, job, resume=file(PDF))
    assert files(shelf)[0].stat().st_mode & 0o077 == 0


def test_who_applies_again_gets_the_same_receipt_and_no_second_application(
    client: Client, job: Job, shelf: Path
) -> None:
    first = apply(client, job, resume=file(PDF))
    before = state_of(*WRITTEN)
    for again in ({}, {"email": "other@example.com"}, {"mobile": "18100008888", "name": "X"}):
        answer = apply(Client(), job, resume=file(docx()), **again)
        assert (answer.status_code, answer["Location"]) == (302, first["Location"])
    assert state_of(*WRITTEN) == before
    assert len(files(shelf)) == 1


def test_who_applies_again_after_withdrawing_is_an_applicant_again(
    client: Client, job: Job, shelf: Path, django_capture_on_commit_callbacks: Any
) -> None:
    first = apply(client, job, resume=file(PDF))
    application = application_withdraw(application=Application.objects.get())
    Submission.objects.update(consent_version="of old")
    with django_capture_on_commit_callbacks(execute=True):
        answer = apply(Client(), job, resume=file(docx()), school="Tongji")
    assert (answer.status_code, answer["Location"]) == (302, first["Location"])
    application.refresh_from_db()
    assert application.stage == "applied"
    submission = Submission.objects.get()
    assert (submission.entries["school"], submission.consent_version) == ("Tongji", "2026-11/2y")
    assert Resume.objects.get().kind == "docx"
    assert [one.read_bytes() for one in files(shelf)] == [docx()]
    step = application.events.last()
    assert step
    assert (step.from_stage, step.to_stage, step.by) == ("withdrawn", "applied", None)
    assert step.reason == "候选人再次申请"


def test_applying_again_twice_is_applying_again_once(client: Client, job: Job) -> None:
    apply(client, job, resume=file(PDF))
    application_withdraw(application=Application.objects.get())
    apply(client, job)
    assert Resume.objects.exists(), "without a new résumé the old one is kept"
    before = state_of(*WRITTEN, ApplicationEvent)
    apply(client, job, school="Tongji")
    assert state_of(*WRITTEN, ApplicationEvent) == before


def test_who_was_refused_is_not_revived_by_a_form(client: Client, job: Job) -> None:
    apply(client, job)
    application = Application.objects.get()
    application_move(application=application, to="rejected", version=1, by=None)
    before = state_of(*WRITTEN)
    apply(client, job, resume=file(PDF))
    assert state_of(*WRITTEN) == before


def test_the_receipt_says_nothing_of_anybody(client: Client, job: Job) -> None:
    receipt = reverse("applied", args=[job.pk])
    apply(client, job)
    mine = client.get(receipt)
    again, trapped = Client(), Client()
    apply(again, job, email="other@example.com")
    apply(trapped, job, trap="x")
    for other in (again, trapped):
        assert words_of(mine) == words_of(other.get(receipt))
        assert sorted(other.cookies) == sorted(client.cookies)
    assert "my-application" not in mine.content.decode()


def test_nobody_is_thanked_who_has_sent_nothing(client: Client, job: Job) -> None:
    other = make_job(campaign=job.campaign)
    apply(client, job)
    assert client.get(reverse("applied", args=[job.pk])).status_code == 200
    client.cookies["sent"]["path"] = "/"
    answer = client.get(reverse("applied", args=[other.pk]))
    assert (answer.status_code, answer["Location"]) == (302, reverse("job", args=[other.pk]))
    assert Client().get(reverse("applied", args=[job.pk])).status_code == 302
    forger = Client()
    forger.cookies["sent"] = str(job.pk)
    assert forger.get(reverse("applied", args=[job.pk])).status_code == 302


def test_a_mail_is_promised_only_where_mails_are_sent(
    client: Client, job: Job, settings: Settings
) -> None:
    apply(client, job)
    receipt = reverse("applied", args=[job.pk])
    for host, promised in (("", False), ("mail.example.com", True)):
        settings.EMAIL_HOST = host
        said = words_of(client.get(receipt, headers={"accept-language": "en"}))
        assert ("mail" in said) is promised


@pytest.mark.parametrize(
    "known", [{"mobile": "+8618100007777", "email": ""}, {"mobile": "", "email": "su@example.com"}]
)
def test_a_known_candidate_is_linked_and_stays_as_he_is(
    client: Client, job: Job, known: dict[str, str]
) -> None:
    candidate = make_candidate(name="苏晴", city="", **known)
    before = state_of(Candidate)
    apply(client, job)
    assert Application.objects.get().candidate == candidate
    assert state_of(Candidate) == before
    assert Submission.objects.get().entries["city"] == "杭州"


def test_contacts_of_two_people_make_no_third(client: Client, job: Job) -> None:
    by_mobile = make_candidate(mobile="+8618100007777")
    make_candidate(email="su@example.com")
    apply(client, job)
    assert Application.objects.get().candidate == by_mobile
    assert Candidate.objects.count() == 2


def test_contacts_that_were_only_typed_are_recognised(client: Client, job: Job) -> None:
    """The existing candidate has another e-mail address than the form."""
    make_candidate(mobile="+8618100007777", email="")
    apply(client, job)
    apply(client, job, mobile="18100009999")
    assert Application.objects.count() == 1


def test_the_same_person_may_apply_for_another_opening(client: Client, job: Job) -> None:
    other = make_job(campaign=job.campaign)
    apply(client, job)
    apply(client, other)
    assert Candidate.objects.count() == 1
    assert Application.objects.count() == 2


@pytest.mark.parametrize(
    "closed", [{"is_published": False}, {"is_confidential": True}, {"campaign_open": False}]
)
def test_an_opening_that_is_not_public_takes_nothing(
    client: Client, job: Job, closed: dict[str, bool]
) -> None:
    assert client.get(reverse("apply", args=[job.pk])).status_code == 200
    if "campaign_open" in closed:
        Campaign.objects.update(is_open=False)
    else:
        Job.objects.update(**closed)
    answer = apply(client, job)
    unknown = client.post(reverse("apply", args=[0]), SU, headers={"accept-language": "en"})
    assert (answer.status_code, unknown.status_code) == (404, 404)
    assert words_of(answer) == words_of(unknown)
    assert Application.objects.count() == 0


def test_one_that_closes_meanwhile_takes_nothing_either(job: Job, shelf: Path) -> None:
    Job.objects.update(is_published=False)
    resume = receive.ResumeFile(BytesIO(PDF), Resume.Kind.PDF, len(PDF))
    with pytest.raises(receive.OpeningClosed):
        receive.application_receive(job_id=job.pk, fields={}, language="en", resume=resume)
    assert files(shelf) == []


def test_a_file_whose_application_failed_is_not_left_behind(job: Job, shelf: Path) -> None:
    def fails(*args: Any, **kwargs: Any) -> None:
        assert len(files(shelf)) == 1
        raise RuntimeError

    receive.application_received.connect(fails)
    try:
        with pytest.raises(RuntimeError):
            receive.application_receive(
                job_id=job.pk,
                fields={"name": "A", "mobile": "18100007777", "email": "a@example.com"},
                language="en",
                resume=receive.ResumeFile(BytesIO(PDF), Resume.Kind.PDF, len(PDF)),
            )
    finally:
        receive.application_received.disconnect(fails)
    assert files(shelf) == []
    assert state_of(*WRITTEN) == [[], [], [], [], []]


@pytest.mark.parametrize(
    ("field", "value"),
    [
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
    ],
)
def test_a_mistake_is_said_at_its_field_and_everything_typed_stays(
    client: Client, job: Job, field: str, value: str
) -> None:
    answer = apply(client, job, **{field: value})
    assert refused(answer, field)
    page = answer.content.decode()
    assert 'aria-invalid="true"' in page
    assert "浙江大学" in page
    assert state_of(*WRITTEN) == [[], [], [], [], []]


@pytest.mark.parametrize(
    "content", [EXE, b"", b"just text", docx()[:-30]], ids=["exe", "empty", "text", "cut"]
)
@pytest.mark.parametrize("name", ["me.pdf", "me.docx", "../../etc/passwd", "a\0b.doc"])
def test_a_file_is_judged_by_its_content(
    client: Client, job: Job, content: bytes, name: str
) -> None:
    assert refused(apply(client, job, resume=file(content, name)), "resume")
    assert state_of(*WRITTEN) == [[], [], [], [], []]


@pytest.mark.parametrize("name", ["virus.exe", "../../../../tmp/me.pdf", "履历" * 100, "a\0b"])
def test_what_a_good_file_is_called_does_not_matter(
    client: Client, job: Job, shelf: Path, name: str
) -> None:
    assert apply(client, job, resume=file(PDF, name)).status_code == 302
    assert files(shelf)[0].parent.parent == shelf / "resumes"


def test_a_file_that_is_too_large_is_refused(client: Client, job: Job, settings: Settings) -> None:
    settings.RESUME_BYTES = 1_000
    said = refused(apply(client, job, resume=file(PDF.ljust(1_001))), "resume")
    assert said.replace("\xa0", " ") == "This file is larger than 1000 bytes. Choose a smaller one."
    assert apply(client, job, resume=file(PDF.ljust(1_000))).status_code == 302


def test_bytes_in_another_encoding_are_no_accident(client: Client, job: Job) -> None:
    body = "name=%CB%D5%C7%E7&mobile=18100007777&email=su@example.com&consent=on"
    kind = "application/x-www-form-urlencoded"
    answer = client.post(reverse("apply", args=[job.pk]), body, content_type=kind)
    assert answer.status_code == 302


def test_a_program_that_fills_in_everything_is_thanked_and_forgotten(
    client: Client, job: Job
) -> None:
    answer = apply(client, job, trap="http://buy.example.com", email="not one")
    assert answer["Location"] == reverse("applied", args=[job.pk])
    assert state_of(*WRITTEN) == [[], [], [], [], []]


def test_the_script_is_told_reasons_and_where_to_go(client: Client, job: Job) -> None:
    address, asks = reverse("apply", args=[job.pk]), {"accept": "application/json"}
    answer = client.post(address, SU | {"email": ""}, headers=asks)
    assert answer.status_code == 422
    assert list(answer.json()["errors"]) == ["email"]
    answer = client.post(address, SU, headers=asks)
    assert answer.json() == {"url": reverse("applied", args=[job.pk])}


def test_a_form_of_another_site_is_refused(job: Job) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(reverse("apply", args=[job.pk]), SU).status_code == 403
    assert Application.objects.count() == 0


def test_pages_are_never_kept_and_only_the_form_takes_anything(client: Client, job: Job) -> None:
    for name in ("apply", "applied"):
        assert "no-store" in client.get(reverse(name, args=[job.pk]))["Cache-Control"]
    assert client.post(reverse("applied", args=[job.pk])).status_code == 405
    assert client.put(reverse("apply", args=[job.pk])).status_code == 405


def test_who_is_made_nobody_leaves_neither_file_nor_entries(
    client: Client, job: Job, shelf: Path, django_capture_on_commit_callbacks: Any
) -> None:
    apply(client, job, resume=file(PDF))
    application = Application.objects.get()
    with django_capture_on_commit_callbacks(execute=True):
        candidates_anonymise(candidates=[application.candidate_id], by=None)
        assert len(files(shelf)) == 1, "the file goes when the database has agreed"
    assert files(shelf) == []
    assert (Resume.objects.count(), ApplicationLink.objects.count()) == (0, 0)
    kept = Submission.objects.get()
    assert (kept.entries, kept.consent_version) == ({}, "2026-11/2y")


def test_the_private_shelf_is_served_by_no_address(settings: Settings) -> None:
    shelf = Path(storages["private"].path(""))
    for served in (settings.STATIC_ROOT, settings.MEDIA_ROOT):
        assert Path(served) not in [shelf, *shelf.parents]


def test_who_applies_without_end_is_told_to_wait(
    client: Client, job: Job, settings: Settings
) -> None:
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"apply": Rate(2, 60)}
    answers = [apply(client, job, email=f"su{number}@example.com") for number in range(3)]
    assert [answer.status_code for answer in answers] == [302, 302, 429]
    assert client.get(reverse("apply", args=[job.pk])).status_code == 200, "reading is free"
