"""Applications count once their e-mail address is confirmed, and belong to the person who reads it.

A stranger may enter anybody's number and address: nothing of theirs is sent to, shown to or changed
by the stranger, and the form answers all people alike.
"""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import Settings

from interview.models import Delivery
from interview.notifications.sender import deliver
from jobs import tasks
from jobs.applications.confirm import (
    CONFIRM_WITHIN,
    application_confirm,
    pending_applications_expire,
    unconfirmed,
)
from jobs.applications.services import application_move
from jobs.candidates.services import candidate_create, candidate_update
from jobs.models import (
    Application,
    Campaign,
    Candidate,
    ContactConflict,
    Job,
    PendingApplication,
    Resume,
    Submission,
)
from jobs.models.submissions import ApplicationLink
from jobs.privacy.anonymisation import candidates_anonymise
from realtime.rate_limiter import Rate
from tests.factories import (
    make_application,
    make_campaign,
    make_candidate,
    make_interview,
    make_job,
    make_member,
)
from tests.people import make_person, signed_in
from tests.support.applicants import confirm_all
from tests.support.clients.api import state_of
from tests.support.external.smtp_server import SmtpServer
from tests.support.faults.interleaving import at_once
from tests.support.files.documents import PDF
from tests.support.product.clock import Clock

pytestmark = pytest.mark.django_db
SU = {"name": "苏晴", "mobile": "18100007777", "email": "su@example.com", "consent": "on"}
MOBILE = "+8618100007777"
COUNTING = (Candidate, Application, Submission, ApplicationLink, ContactConflict)


@pytest.fixture(autouse=True)
def _no_rate_limit(settings: Settings) -> None:
    cache.clear()
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"apply": Rate(10_000, 60)}


@pytest.fixture
def job(campaign: Campaign) -> Job:
    return make_job(campaign=campaign, title="Backend Engineer")


def apply(job: Job, **changed: Any) -> Any:
    response = Client().post(
        reverse("apply", args=[job.pk]), SU | changed, headers={"accept-language": "en"}
    )
    assert response.status_code == 302, response.content
    return response


def applied(job: Job, **changed: Any) -> Application:
    """Applies and confirms; returns the application that counts."""
    apply(job, **changed)
    (application,) = confirm_all()
    assert application
    return application


def link_of(pending: PendingApplication) -> str:
    return reverse("confirm_application", args=[pending.token])


def link_in(mail: Any) -> str:
    found = re.search(
        r"https?://[^/\s]+(/my-application/\S+)", mail.get_body(("plain",)).get_content()
    )
    assert found
    return found[1]


def test_an_unconfirmed_application_counts_nowhere(job: Job, lin: User) -> None:
    before = state_of(*COUNTING)
    apply(job)
    assert state_of(*COUNTING) == before
    client = signed_in(Client(headers={"accept-language": "en"}), lin)
    assert "苏晴" not in client.get(reverse("candidates")).content.decode()
    page = client.get(reverse("applications")).content.decode()
    assert "苏晴" not in page
    assert "1 online application is waiting for the applicant to confirm it" in page


def test_the_link_in_the_email_confirms_and_opens_the_candidates_page(
    job: Job, smtp_server: SmtpServer
) -> None:
    apply(job)
    deliver("email")
    (mail,) = smtp_server.to("su@example.com")
    link = link_in(mail)
    shown = Client().get(link, headers={"accept-language": "en"})
    assert "Is this your application?" in shown.content.decode()
    assert shown["Referrer-Policy"] == "no-referrer"
    assert not Application.objects.exists(), "mail programs open links to check them"
    confirmed = Client().post(link)
    assert confirmed["Location"].startswith("/my-application/")
    assert "苏晴" in Client().get(confirmed["Location"]).content.decode()
    again = Client().post(link, headers={"accept-language": "en"})
    assert "Your application is confirmed" in again.content.decode()
    assert Application.objects.count() == 1
    assert PendingApplication.objects.get().entries == {}


def test_a_forged_or_old_link_confirms_nothing(job: Job, clock: Clock) -> None:
    apply(job)
    pending = PendingApplication.objects.get()
    forged = reverse("confirm_application", args=[f"{pending.key}.wrong"])
    assert Client().post(forged).status_code == 404
    clock.shift(seconds=CONFIRM_WITHIN.total_seconds() + 1)
    assert Client().get(link_of(pending)).status_code == 404
    assert Client().post(link_of(pending)).status_code == 404
    assert not Application.objects.exists()


def test_an_application_nobody_confirms_is_deleted_with_its_message(job: Job, clock: Clock) -> None:
    apply(job)
    tasks.expire_uploads()
    assert unconfirmed().count() == 1
    clock.shift(seconds=CONFIRM_WITHIN.total_seconds() + 1)
    tasks.expire_uploads()
    assert not PendingApplication.objects.exists()
    assert not Delivery.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_an_application_confirmed_while_old_ones_are_deleted_keeps_its_resume(
    job: Job, clock: Clock
) -> None:
    apply(job, resume=SimpleUploadedFile("cv.pdf", PDF))
    confirm = partial(application_confirm, pending=PendingApplication.objects.get())
    clock.shift(seconds=CONFIRM_WITHIN.total_seconds() + 1)
    application, _deleted = at_once(confirm, pending_applications_expire)
    assert not PendingApplication.objects.exists()
    assert Path(Resume.objects.get(application=application).file.path).read_bytes() == PDF


@pytest.mark.django_db(transaction=True)
def test_an_application_that_is_erased_while_it_is_confirmed_is_gone(
    job: Job, campaign: Campaign
) -> None:
    known = make_candidate(campaign=campaign, email="su@example.com")
    apply(job)
    link = link_of(PendingApplication.objects.get())
    erase = partial(candidates_anonymise, candidates=[known.pk], by=None)
    _erased, answer = at_once(erase, partial(Client().post, link))
    assert answer.status_code == 404
    assert not Application.objects.exists()


def test_emails_to_applicants_contain_nothing_that_a_visitor_has_entered(
    job: Job, smtp_server: SmtpServer
) -> None:
    entered = {"name": "Win a prize", "city": "ring 555", "school": "call us", "major": "hurry up"}
    apply(job, **entered)
    deliver("email")
    confirm_all()
    deliver("email")
    mails = smtp_server.to("su@example.com")
    assert len(mails) == 2
    for mail in mails:
        texts = [
            part.get_content() for part in mail.walk() if part.get_content_maintype() == "text"
        ]
        assert texts
        for text in (*entered.values(), MOBILE):
            assert not [content for content in (*texts, str(mail["Subject"])) if text in content]


def test_an_address_gets_only_a_few_confirmations_a_day(job: Job, smtp_server: SmtpServer) -> None:
    for number in range(8):
        apply(job, mobile=f"1810000{number:04}")
    apply(job, email="another@example.com")
    deliver("email")
    assert len(smtp_server.to("su@example.com")) == 5
    assert len(smtp_server.to("another@example.com")) == 1


@pytest.mark.parametrize("address", ["www.evil.example", "evil.com/win", "me@evil.example"])
def test_a_name_with_an_address_is_refused_everywhere(job: Job, address: str) -> None:
    name = f"苏晴 {address}"
    response = Client().post(reverse("apply", args=[job.pk]), SU | {"name": name})
    assert (response.status_code, list(response.context["form"].errors)) == (422, ["name"])
    assert not PendingApplication.objects.exists()
    with pytest.raises(ValidationError):
        candidate_create(name=name, mobile=MOBILE)


def test_a_name_stored_before_this_rule_does_not_prevent_other_changes(campaign: Campaign) -> None:
    candidate = make_candidate(campaign=campaign)
    Candidate.objects.update(name="me@evil.example")
    candidate_update(candidate=candidate, city="上海")
    candidate.refresh_from_db()
    assert (candidate.name, candidate.city) == ("me@evil.example", "上海")


# Numbers of other people


def test_a_number_of_another_candidate_makes_a_record_of_its_own(
    job: Job, campaign: Campaign
) -> None:
    known = make_candidate(campaign=campaign, mobile=MOBILE, email="known@example.com")
    before = Candidate.objects.filter(pk=known.pk).values().get()
    application = applied(job)
    assert application.candidate != known
    assert (application.candidate.mobile, application.candidate.email) == (MOBILE, "su@example.com")
    conflict = ContactConflict.objects.get()
    assert (conflict.record, conflict.known) == (application.candidate, known)
    assert (conflict.campaign, conflict.by) == (campaign, None)
    assert Candidate.objects.filter(pk=known.pk).values().get() == before


def test_an_invitation_goes_to_the_applicant_whose_number_was_mistyped(
    job: Job, campaign: Campaign, smtp_server: SmtpServer
) -> None:
    make_candidate(campaign=campaign, mobile=MOBILE, email="known@example.com")
    make_interview(application=applied(job))
    deliver("email")
    assert smtp_server.to("known@example.com") == []
    assert len(smtp_server.to("su@example.com")) == 2, "the receipt and the invitation"


def test_a_second_address_for_a_number_reaches_neither_page_nor_mailbox_of_the_first(
    job: Job, smtp_server: SmtpServer
) -> None:
    first = applied(job)
    make_interview(application=first)
    deliver("email")
    sent = len(smtp_server.to("su@example.com"))
    second = applied(job, email="mallory@example.com", name="Mallory")
    assert second.candidate != first.candidate
    make_interview(application=second)
    deliver("email")
    assert len(smtp_server.to("su@example.com")) == sent
    page = Client().get(link_in(smtp_server.to("mallory@example.com")[-1])).content.decode()
    assert "Mallory" in page
    assert "苏晴" not in page


@pytest.mark.parametrize("stage", ["withdrawn", "rejected", "offer"])
def test_a_stranger_with_the_number_changes_no_application_of_its_owner(
    job: Job, stage: str
) -> None:
    first = applied(job)
    application_move(application=first, to=stage, version=1, by=None)
    before = Application.objects.filter(pk=first.pk).values().get()
    applied(job, email="mallory@example.com", school="清华大学")
    assert Application.objects.filter(pk=first.pk).values().get() == before
    assert first.submission.entries["school"] == ""
    assert Submission.objects.get(application=first).entries == first.submission.entries


def test_whoever_applies_first_with_a_number_does_not_occupy_it(job: Job) -> None:
    squatter = applied(job, email="mallory@example.com", name="Mallory")
    owner = applied(job)
    assert owner != squatter
    assert (owner.candidate.name, owner.candidate.mobile) == ("苏晴", MOBILE)
    assert owner.stage == "applied"


def test_a_confirmed_address_finds_the_candidate_of_the_campaign(
    job: Job, campaign: Campaign
) -> None:
    known = make_candidate(campaign=campaign, mobile="+8618100009999", email="SU@example.com")
    before = state_of(Candidate)
    application = applied(job)
    assert application.candidate == known
    assert state_of(Candidate) == before, "form answers never overwrite a candidate"
    assert application.submission.entries["mobile"] == MOBILE
    assert not ContactConflict.objects.exists()


def test_a_confirmed_address_finds_a_candidate_of_no_campaign(job: Job) -> None:
    known = make_candidate(mobile="", email="su@example.com")
    assert applied(job).candidate == known


def test_a_candidate_of_another_campaign_is_not_shown_to_this_one_without_its_coordinators(
    job: Job, campaign: Campaign
) -> None:
    known = make_candidate(campaign=make_campaign(), email="su@example.com", school="绝密大学")
    application = applied(job)
    assert application.candidate != known
    assert application.candidate.school == ""
    assert ContactConflict.objects.get().known == known


def test_an_address_and_a_number_of_two_candidates_are_shown_as_a_conflict(
    job: Job, campaign: Campaign
) -> None:
    by_mobile = make_candidate(campaign=campaign, mobile=MOBILE)
    by_email = make_candidate(campaign=campaign, email="su@example.com")
    assert applied(job).candidate == by_email
    conflict = ContactConflict.objects.get()
    assert (conflict.record, conflict.known) == (by_email, by_mobile)
    assert Candidate.objects.count() == 2


def test_a_known_applicant_with_a_number_of_another_campaign_is_not_shown_there(
    job: Job, campaign: Campaign
) -> None:
    """Only a record of the form's fields is; this one was known before."""
    spring, gao = make_campaign(), make_person("gao", "coordinator")
    make_member(spring, gao)
    theirs = make_candidate(campaign=spring, mobile=MOBILE)
    mine = make_candidate(campaign=campaign, email="su@example.com", school="绝密大学")
    assert applied(job).candidate == mine
    conflict = ContactConflict.objects.get()
    assert (conflict.record, conflict.known) == (mine, theirs)
    page = signed_in(Client(), gao).get(reverse("conflicts"))
    assert (page.status_code, page.context["conflicts"]) == (200, [])


@pytest.mark.django_db(transaction=True)
def test_two_applications_confirmed_at_once_belong_to_one_candidate(
    job: Job, campaign: Campaign
) -> None:
    for opening in (job, make_job(campaign=campaign)):
        apply(opening)
    one, other = [partial(application_confirm, pending=pending) for pending in unconfirmed()]
    first, second = at_once(one, other)
    assert first.candidate == second.candidate
    assert Candidate.objects.count() == 1
    assert Application.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_applicants_with_one_number_who_confirm_at_once_are_shown_as_a_conflict(
    job: Job, campaign: Campaign
) -> None:
    apply(job)
    apply(make_job(campaign=campaign), email="mallory@example.com")
    one, other = [partial(application_confirm, pending=pending) for pending in unconfirmed()]
    first, second = at_once(one, other)
    conflict = ContactConflict.objects.get()
    assert (conflict.record, conflict.known) == (second.candidate, first.candidate)
    assert second.candidate.mobile == MOBILE


@pytest.mark.django_db(transaction=True)
def test_two_campaigns_that_enter_one_number_at_once_get_a_record_each(
    campaign: Campaign, lin: User
) -> None:
    gao, spring = make_person("gao", "coordinator"), make_campaign()
    make_member(spring, gao)
    enter = partial(candidate_create, name="苏晴", mobile=MOBILE)
    first, second = at_once(
        partial(enter, campaign=campaign, by=lin), partial(enter, campaign=spring, by=gao)
    )
    conflict = ContactConflict.objects.get()
    assert (conflict.record, conflict.known) == (second, first)


def test_an_application_of_a_coordinator_is_found_by_the_confirmed_address(job: Job) -> None:
    known = make_candidate(email="su@example.com")
    mine = make_application(candidate=known, job=job)
    assert applied(job) == mine
    assert Application.objects.count() == 1


def test_the_application_page_shows_both_records_until_the_coordinator_decides(
    job: Job, campaign: Campaign, lin: User
) -> None:
    known = make_candidate(campaign=campaign, name="旧名", mobile=MOBILE, email="old@example.com")
    application = applied(job)
    client = signed_in(Client(headers={"accept-language": "en"}), lin)
    page = client.get(reverse("schedule", args=[application.pk]))
    text = page.content.decode()
    assert "Another record has the same contact" in text
    assert "old@example.com" in text
    assert "su@example.com" in text
    assert f"{reverse('merge')}?one={known.pk}&amp;other={application.candidate_id}" in text
    asked = {"conflict": ContactConflict.objects.get().pk, "do": "apart"}
    assert client.post(reverse("conflicts"), asked).status_code == 302
    page = client.get(reverse("schedule", args=[application.pk]))
    assert "old@example.com" not in page.content.decode()


def test_an_application_page_shows_no_record_of_another_campaign(job: Job, lin: User) -> None:
    make_candidate(campaign=make_campaign(), mobile=MOBILE, email="old@example.com")
    application = applied(job)
    client = signed_in(Client(headers={"accept-language": "en"}), lin)
    page = client.get(reverse("schedule", args=[application.pk])).content.decode()
    assert "old@example.com" not in page
    assert "Another record has the same contact" not in page


# The form tells nothing

CHANGING = {"X-Request-ID", "Expires"}  # from request to request, for the same person too


def answers_of(job: Job, **changed: Any) -> tuple[Any, int, float]:
    """Returns what a visitor sees of the answer, its queries, and its duration in seconds."""
    client = Client()
    client.get(reverse("apply", args=[job.pk]))
    with CaptureQueriesContext(connection) as queries:
        started = perf_counter()
        response = client.post(reverse("apply", args=[job.pk]), SU | changed)
        seconds = perf_counter() - started
    headers = {name: value for name, value in response.items() if name not in CHANGING}
    receipt = client.get(response["Location"])
    text = re.sub(r"csrfmiddlewaretoken.*?>", "", receipt.content.decode())
    cookies = sorted((name, len(cookie.value)) for name, cookie in client.cookies.items())
    return (response.status_code, headers, text, cookies), len(queries), seconds


ROUNDS = 25
SELDOM = 18.4  # chi-squared with 2 degrees of freedom exceeds it once in 10 000 times


def friedman(rounds: list[tuple[float, ...]]) -> float:
    """Returns Friedman's statistic: whether some column tends to rank higher within the rows."""
    n, k = len(rounds), len(rounds[0])
    ranks = [[sorted(row).index(value) + 1 for value in row] for row in rounds]
    squares = sum(sum(column) ** 2 for column in zip(*ranks, strict=True))
    return 12 * squares / (n * k * (k + 1)) - 3 * n * (k + 1)


def person_of(kind: str, number: int) -> dict[str, str]:
    """Somebody else in every round: an address gets only a few confirmations."""
    digit = ("unknown", "known", "applied").index(kind)
    return {"mobile": f"18100{digit}{number:05}", "email": f"{kind}{number}@example.com"}


def test_the_form_answers_unknown_known_and_applied_people_alike(
    job: Job, campaign: Campaign
) -> None:
    kinds = ["unknown", "known", "applied"]
    for number in range(ROUNDS):
        known = person_of("known", number)
        make_candidate(campaign=campaign, mobile=f"+86{known['mobile']}", email=known["email"])
        apply(job, **person_of("applied", number))
    assert all(confirm_all())
    assert Candidate.objects.count() == 2 * ROUNDS
    for _warm_up in range(2):
        answers_of(job, email="first@example.com")
    rounds: list[dict[str, float]] = []
    seen, queries = [], set()
    for number in range(ROUNDS):
        durations = {}
        for kind in (*kinds[number % 3 :], *kinds[: number % 3]):  # each is first in turn
            answer, count, durations[kind] = answers_of(job, **person_of(kind, number))
            seen.append(answer)
            queries.add(count)
        rounds.append(durations)
    for answer in seen:
        assert answer == seen[0]
    assert len(queries) == 1, queries
    headers = seen[0][1]
    assert headers["X-Page-Duration-ms"] == "1000"
    assert "db" not in headers["Server-Timing"]
    typical = {kind: median(one[kind] for one in rounds) for kind in kinds}
    slower = [tuple(one[kind] * (1 + (kind == "known")) for kind in kinds) for one in rounds]
    assert friedman(slower) > SELDOM, "the premise: this would notice a difference"
    assert friedman([tuple(one[kind] for kind in kinds) for one in rounds]) < SELDOM, typical
