"""Merging two records of one person keeps everything that belongs to either."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from pytest_django import Settings

from interview import services
from interview.models import Delivery, Interview
from interview.notifications.reminders.upcoming import remind
from jobs.applications.confirm import application_confirm
from jobs.applications.links import application_for_token, link_of
from jobs.applications.receive import ResumeFile, application_receive
from jobs.applications.services import application_move
from jobs.candidates.services import candidate_update
from jobs.imports import runs
from jobs.merging import execute
from jobs.merging.diff import digest_of, records_of
from jobs.merging.execute import candidates_merge
from jobs.merging.refusals import MergeRefused
from jobs.models import Application, ApplicationEvent, Campaign, Candidate, Job
from jobs.models.imports import ImportRun
from jobs.models.submissions import ApplicationLink, Resume, Submission
from jobs.privacy.anonymisation import candidates_anonymise
from monitoring.audit.models import AuditEntry
from realtime.models import Change
from tests.factories import (
    NOBODY,
    make_application,
    make_campaign,
    make_candidate,
    make_interview,
    make_job,
)
from tests.support.clients.api import state_of
from tests.support.product.clock import Clock

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.7 a life"
EVERYTHING = (Candidate, Application, ApplicationEvent, Submission, Resume, Interview, AuditEntry)


@pytest.fixture
def job(campaign: Campaign) -> Job:
    return make_job(campaign=campaign)


def digest(*candidates: Candidate) -> str:
    """Returns the digest of a merge page that shows these candidates now."""
    ids = [candidate.pk for candidate in candidates]
    return digest_of(records_of(Candidate.objects.filter(pk__in=ids)))


def merge(
    kept: Candidate,
    removed: Candidate,
    *fields: str,
    by: User,
    shown: str | None = None,
    override_reason: str = "",
) -> Candidate:
    return candidates_merge(
        kept=kept.pk,
        removed=removed.pk,
        fields_from_removed=fields,
        shown=digest(kept, removed) if shown is None else shown,
        by=by,
        override_reason=override_reason,
    )


def applied_online(job: Job, number: int) -> Application:
    """Returns an application with a résumé and a link; `number` sets the mobile and e-mail."""
    pending = application_receive(
        job_id=job.pk,
        fields={
            "name": "李小龙",
            "mobile": f"+86138{number:08d}",
            "email": f"li{number}@example.com",
        },
        language="en",
        resume=ResumeFile(BytesIO(PDF), Resume.Kind.PDF, len(PDF)),
    )
    application = application_confirm(pending=pending)
    assert application
    assert link_of(application)
    return application


def test_the_kept_record_gets_the_chosen_values_and_everything_of_the_other(
    campaign: Campaign, lin: User
) -> None:
    kept = make_candidate(name="李小龙", city="北京", campaign=campaign)
    other = make_candidate(name="欧阳娜", city="上海", school="复旦大学")
    interview = make_interview(application=make_application(candidate=other))
    merged = merge(kept, other, "name", "mobile", "school", by=lin)
    assert not Candidate.objects.filter(pk=other.pk).exists()
    found = Candidate.objects.get(pk=kept.pk)
    assert (found.name, found.initials, found.city) == ("欧阳娜", "oyn", "北京")
    assert (found.mobile, found.email) == (other.mobile, kept.email)
    assert found.school == merged.school == "复旦大学"
    assert set(found.campaigns.all()) == {campaign, interview.campaign}
    assert Interview.objects.get(application__candidate=found) == interview


def test_private_links_and_resumes_belong_to_the_kept_record(job: Job, lin: User) -> None:
    kept, application = make_candidate(), applied_online(job, 1)
    token = ApplicationLink.objects.get(application=application).token
    merge(kept, application.candidate, by=lin)
    opened = application_for_token(token)
    assert opened is not None
    assert (opened.pk, opened.candidate_id) == (application.pk, kept.pk)
    with opened.resume.file.open() as file:  # type: ignore[attr-defined]
        assert file.read() == PDF


def test_of_two_applications_for_a_job_the_more_advanced_one_is_kept(job: Job, lin: User) -> None:
    behind = make_application(job=job)
    ahead = make_application(job=job)
    interviews = [make_interview(application=one) for one in (behind, ahead)]
    behind.refresh_from_db()
    ahead.refresh_from_db()
    application_move(application=ahead, to="offer", version=ahead.version, by=lin)
    merge(
        behind.candidate, ahead.candidate, by=lin, override_reason="One of them is cancelled next"
    )
    (left,) = Application.objects.filter(job=job)
    assert (left.pk, left.candidate_id, left.stage) == (ahead.pk, behind.candidate_id, "offer")
    assert set(left.interviews.all()) == set(interviews)  # type: ignore[attr-defined]
    assert left.created_at == behind.created_at
    steps = [event.to_stage for event in left.events.all()]
    assert sorted(steps) == sorted(["applied"] * 2 + ["interviewing"] * 2 + ["offer"] * 2)
    assert steps[-1] == "offer", "the history ends with the current stage"


def test_merging_two_online_applications_keeps_the_newer_resume(job: Job, lin: User) -> None:
    first, second = applied_online(job, 1), applied_online(job, 2)
    files = [Path(one.resume.file.path) for one in (first, second)]  # type: ignore[attr-defined]
    token = ApplicationLink.objects.get(application=first).token
    merge(first.candidate, second.candidate, by=lin)
    left = Application.objects.get(job=job)
    assert left.pk == first.pk
    assert Path(left.resume.file.path) == files[1], "the newer one is kept"  # type: ignore[attr-defined]
    assert application_for_token(token) == left
    assert Submission.objects.get().entries["email"] == "li1@example.com"


def test_an_application_by_hand_takes_over_the_data_of_an_online_application(
    job: Job, lin: User
) -> None:
    by_hand = make_application(job=job)
    online = applied_online(job, 1)
    token = ApplicationLink.objects.get(application=online).token
    merge(by_hand.candidate, online.candidate, by=lin)
    left = Application.objects.get(job=job)
    assert left.pk == by_hand.pk
    assert application_for_token(token) == left
    assert left.submission.consent_version  # type: ignore[attr-defined]
    receipt = Delivery.objects.get(event="received")
    assert (receipt.candidate_id, receipt.facts["application"]) == (left.candidate_id, left.pk)


def test_a_merge_is_audited_with_ids_and_field_names_only(campaign: Campaign, lin: User) -> None:
    kept, other = make_candidate(city="北京"), make_candidate(city="上海")
    merge(kept, other, "mobile", "city", by=lin)
    entry = AuditEntry.objects.get(action="merge")
    assert (entry.actor_id, entry.label) == (lin.pk, "jobs.candidate")
    assert (entry.ids, entry.fields) == ([kept.pk, other.pk], ["city", "mobile"])
    assert "上海" not in str(list(AuditEntry.objects.values()))
    assert other.mobile not in str(list(AuditEntry.objects.values()))


def test_a_merge_sends_no_messages_and_repeats_no_reminder(
    campaign: Campaign, lin: User, clock: Clock
) -> None:
    interview = make_interview(campaign=campaign, starts_at=clock.now() + timedelta(hours=25))
    other = interview.application.candidate
    clock.shift(hours=1, minutes=10)
    reminded = (clock.now() - timedelta(minutes=20), clock.now())
    remind(*reminded)
    before = set(Delivery.objects.values_list("idempotency_key", flat=True))
    assert [key for key in before if key.startswith("reminder:")], "the premise: reminded"
    kept = merge(make_candidate(), other, by=lin)
    remind(*reminded)
    assert set(Delivery.objects.values_list("idempotency_key", flat=True)) == before
    assert set(Delivery.objects.values_list("candidate", flat=True)) - {None} == {kept.pk}
    assert Interview.objects.get(pk=interview.pk).attendee_id == f"c{other.pk}"


@pytest.mark.parametrize("meanwhile", ["edited", "moved", "planned", "applied", "joined"])
def test_a_merge_based_on_an_outdated_page_changes_nothing(
    meanwhile: str, campaign: Campaign, lin: User
) -> None:
    kept, other = make_candidate(), make_application(campaign=campaign).candidate
    application = other.applications.get()
    shown = digest(kept, other)
    match meanwhile:
        case "edited":
            candidate_update(candidate=other, city="上海")
        case "moved":
            application_move(application=application, to="screening", version=1, by=lin)
        case "planned":
            Application.objects.filter(pk=application.pk).update(stage="interviewing")
            make_interview(application=application)
        case "applied":
            make_application(candidate=kept, campaign=campaign)
        case "joined":
            kept.campaigns.add(make_campaign())
    before = state_of(*EVERYTHING)
    with pytest.raises(MergeRefused) as refused:
        merge(kept, other, by=lin, shown=shown)
    assert refused.value.code == "changed"
    assert state_of(*EVERYTHING) == before


def test_an_anonymised_candidate_is_never_merged(lin: User) -> None:
    kept, other = make_candidate(), make_candidate()
    shown = digest(kept, other)
    candidates_anonymise(candidates=[other.pk], by=lin)
    for mark in (shown, digest(kept, other)):
        with pytest.raises(MergeRefused) as refused:
            merge(kept, other, by=lin, shown=mark)
        assert refused.value.code == "anonymised"


def test_equal_ids_or_unknown_fields_raise_value_error(lin: User) -> None:
    one, other = make_candidate(), make_candidate()
    with pytest.raises(ValueError, match="two different candidates"):
        merge(one, one, by=lin)
    with pytest.raises(ValueError, match="two different candidates"):
        merge(one, other, "anonymised_at", by=lin)


def test_a_failed_merge_records_no_change_and_leaves_both_records_intact(
    campaign: Campaign, lin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last step fails after everything has been moved and saved."""
    kept, other = make_candidate(), make_interview(campaign=campaign).application.candidate
    before, markers = state_of(*EVERYTHING), Change.objects.count()

    def fail(**kwargs: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(execute.audit, "record", fail)
    with pytest.raises(RuntimeError):
        merge(kept, other, by=lin)
    assert state_of(*EVERYTHING) == before
    assert Change.objects.count() == markers


def test_reverting_an_import_keeps_merged_candidates(
    campaign: Campaign, lin: User, settings: Settings, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    other = make_candidate(campaign=campaign)
    content = "name;mobile\n李小龙;13800001111\n王思远;13800002222\n".encode()
    run = _imported(content, campaign)
    kept = Candidate.objects.get(mobile="+8613800001111")
    merge(kept, other, "email", by=lin)
    _run, removed = runs.import_run_revert(run=run)
    assert removed == 1
    assert list(Candidate.objects.all()) == [kept]
    assert kept.campaigns.get() == campaign


def test_importing_the_same_file_again_finds_the_merged_candidate(
    campaign: Campaign, lin: User, settings: Settings, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    content = "name;mobile\n李小龙;13800001111\n".encode()
    _imported(content, campaign)
    imported = Candidate.objects.get()
    kept = make_candidate(mobile="")
    merge(kept, imported, "mobile", by=lin)
    again = _imported(content, campaign)
    assert (again.new, again.known) == (0, 1)
    assert Candidate.objects.get() == kept


def _imported(content: bytes, campaign: Campaign) -> ImportRun:
    run = runs.import_run_create(
        content=content, file_name="a.csv", campaign=campaign, owner=None, has_all_rights=True
    )
    return runs.import_run_apply(run=run, has_all_rights=True)


def test_an_interview_change_can_still_be_undone_after_a_merge(
    campaign: Campaign, lin: User
) -> None:
    interview = make_interview(campaign=campaign, status="confirmed")
    merge(make_candidate(), interview.application.candidate, by=lin)
    undone = services.interview_undo(
        interview_id=interview.pk, version=interview.version, actor=NOBODY
    )
    assert undone.status == "scheduled"


@pytest.mark.django_db(transaction=True)
def test_of_two_simultaneous_merges_one_succeeds_and_the_other_is_refused(
    campaign: Campaign, lin: User, admin: User
) -> None:
    """Each of the two keeps the other record; both have read the page before either merges."""
    one = make_interview(campaign=campaign).application.candidate
    other = make_application(campaign=campaign).candidate
    shown, together = digest(one, other), Barrier(2)

    def work(first: Candidate, second: Candidate, by: User) -> str:
        try:
            together.wait(timeout=30)
            merge(first, second, by=by, shown=shown)
        except MergeRefused as refused:
            return refused.code
        finally:
            connection.close()
        return "merged"

    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(work, one, other, lin)
        second = threads.submit(work, other, one, admin)
        outcomes = {first.result(60), second.result(60)}
    assert outcomes == {"merged", "gone"}
    left = Candidate.objects.get()
    assert left.applications.count() == 2
