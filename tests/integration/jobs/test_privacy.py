"""Unsuccessful candidates are listed after the retention period and anonymised on confirmation."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from interview.models import Delivery, Interview, Scorecard
from jobs import tasks
from jobs.applications.consent import consent_text, consent_version
from jobs.imports.queue import import_run_receive, import_run_start
from jobs.models import AnonymisationList, Application, Campaign, Candidate, LearnedColumn
from jobs.models.imports import ImportRun
from jobs.privacy.anonymisation import (
    anonymisation_list,
    candidates_anonymise,
    due_for_anonymisation,
)
from monitoring.audit.models import AuditEntry
from realtime.background.task_runs import task_run_create
from realtime.models import TaskRun
from tests.factories import make_application, make_candidate, make_interview
from tests.people import signed_in
from tests.support.faults.interleaving import a_lock_is_awaited
from tests.support.product.clock import frozen
from tests.support.product.sample_tasks import deliver
from tests.support.wait import until

pytestmark = pytest.mark.django_db
NIGHT = timezone.now()
LONG_AGO = timezone.now() - timedelta(days=3 * 366)


def candidate_in_stage(
    stage: str, *, at: datetime = LONG_AGO, campaign: Campaign | None = None
) -> Candidate:
    """A candidate whose application has been in this stage since the given time."""
    application = make_application(**({"campaign": campaign} if campaign else {}))
    Application.objects.filter(pk=application.pk).update(stage=stage, updated_at=at)
    unchanged_since(application.candidate, at)
    return application.candidate


def nightly_task(at: datetime) -> None:
    with frozen(at):
        tasks.list_anonymisation()


def unchanged_since(candidate: Candidate, at: datetime = LONG_AGO) -> Candidate:
    """Set the times at which the candidate was created and last changed."""
    Candidate.objects.filter(pk=candidate.pk).update(created_at=at, updated_at=at)
    return candidate


def test_unsuccessful_candidates_are_due_two_years_after_their_last_change() -> None:
    due = [
        candidate_in_stage("rejected"),
        candidate_in_stage("withdrawn"),
        unchanged_since(make_candidate()),
    ]
    others = [candidate_in_stage("hired"), candidate_in_stage("interviewing"), make_candidate()]
    others.append(candidate_in_stage("rejected", at=timezone.now()))
    again = candidate_in_stage("rejected")
    make_application(candidate=again)
    cutoff = timezone.now() - timedelta(days=2 * 366)
    found = set(due_for_anonymisation(cutoff).values_list("pk", flat=True))
    assert found == {one.pk for one in due}
    assert not found & {one.pk for one in [*others, again]}


def test_without_automatic_erasure_the_nightly_task_only_lists_ids(settings: Settings) -> None:
    settings.ANONYMISE_AUTOMATICALLY = False
    due = candidate_in_stage("rejected")
    for night in (NIGHT, NIGHT + timedelta(days=1)):
        nightly_task(night)
    listed = AnonymisationList.objects.first()
    assert listed is not None
    assert (listed.candidates, listed.count, listed.carried_out_at) == ([due.pk], 1, None)
    name = due.name
    due.refresh_from_db()
    assert (due.name, due.anonymised_at) == (name, None)
    settings.RETENTION_YEARS = 50
    nightly_task(NIGHT + timedelta(days=2))
    assert AnonymisationList.objects.first().count == 0  # type: ignore[union-attr]


def test_candidates_are_announced_one_night_and_anonymised_the_next(
    campaign: Campaign, lin: User
) -> None:
    due, other = candidate_in_stage("rejected", campaign=campaign), candidate_in_stage("hired")
    nightly_task(NIGHT)
    due.refresh_from_db()
    assert due.anonymised_at is None, "the coordinators have not been told yet"
    [message] = Delivery.objects.filter(event="privacy")
    assert message.person == lin
    nightly_task(NIGHT + timedelta(hours=1))
    due.refresh_from_db()
    assert due.anonymised_at is None, "an hour later is not the next night"
    nightly_task(NIGHT + timedelta(days=1))
    for candidate in (due, other):
        candidate.refresh_from_db()
    assert due.name == f"#{due.pk}"
    assert other.name != f"#{other.pk}"
    assert not AnonymisationList.objects.filter(carried_out_at=None, count__gt=0).exists()


def test_candidates_with_new_activity_after_the_announcement_are_kept() -> None:
    due = candidate_in_stage("rejected")
    nightly_task(NIGHT)
    make_application(candidate=due)
    nightly_task(NIGHT + timedelta(days=1))
    due.refresh_from_db()
    assert due.anonymised_at is None


def test_a_list_of_an_earlier_version_is_announced_before_anybody_is_anonymised() -> None:
    due = candidate_in_stage("rejected")
    anonymisation_list(now=NIGHT - timedelta(days=30))
    nightly_task(NIGHT)
    due.refresh_from_db()
    assert due.anonymised_at is None
    nightly_task(NIGHT + timedelta(days=1))
    due.refresh_from_db()
    assert due.anonymised_at


def test_the_consent_promises_what_the_nightly_task_does(settings: Settings) -> None:
    assert settings.ANONYMISE_AUTOMATICALLY, "the default"
    assert "erased 2 years after the last step" in consent_text()
    assert consent_version().endswith("/2y")
    settings.ANONYMISE_AUTOMATICALLY = False
    assert "years" not in consent_text()
    assert consent_version().endswith("/by-hand")


def test_anonymising_removes_personal_data_and_keeps_the_statistics(
    campaign: Campaign, lin: User, wu: User
) -> None:
    interview = make_interview(campaign=campaign, interviewers=[wu])
    candidate = interview.application.candidate
    Scorecard.objects.create(
        interview=interview, interviewer=wu, strengths="Mentions a father", concerns="Poor health"
    )
    interview.reason = "A child is ill"
    interview.save()
    secrets = [candidate.name, candidate.mobile, candidate.email, "father", "health", "child"]
    stage = interview.application.stage
    assert candidates_anonymise(candidates=[candidate.pk], by=lin) == [candidate.pk]
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(c::text, ' ') FROM jobs_candidate c")
        remaining = str(cursor.fetchone())
    remaining += str([*Scorecard.objects.values(), *Interview.objects.values()])
    assert [secret for secret in secrets if secret and secret in remaining] == []
    interview.application.refresh_from_db()
    assert interview.application.stage == stage
    entry = AuditEntry.objects.get(action="anonymise")
    assert (entry.actor_id, entry.ids) == (lin.pk, [candidate.pk])
    assert candidates_anonymise(candidates=[candidate.pk], by=lin) == [], (
        "nobody is anonymised twice"
    )


def imported(campaign: Campaign, by: User, file_name: str) -> ImportRun:
    run = import_run_receive(
        content="姓名,手机\n李娜,18900003333\n".encode(),
        file_name=file_name,
        campaign=campaign,
        owner=by,
    )
    deliver(import_run_start(run=run, rows="valid", by=by))
    return run


@pytest.mark.django_db(transaction=True)
def test_erasure_renames_the_tasks_of_a_persons_imports_and_no_others(
    campaign: Campaign, lin: User, settings: Settings, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    imported(campaign, lin, "a.csv")
    named = task_run_create(name="import", title="Import 189 0000 3333.csv", owner=lin)
    others = {
        task_run_create(name=name, title=title, owner=lin).pk: title
        for name, title in (("import", "Import a.csv"), ("export", "Export of data.csv"))
    }
    candidates_anonymise(candidates=[Candidate.objects.get(name="李娜").pk], by=lin)
    titles = {run.pk: run.title for run in TaskRun.objects.all()}
    assert {pk: titles.pop(pk) for pk in others} == others
    assert titles.pop(named.pk) == f"{named.created_at:%Y-%m-%d}"
    run = ImportRun.objects.get()
    assert run.file_name == f"{run.created_at:%Y-%m-%d}.csv"
    assert [title.split(" ", 1)[1] for title in titles.values()] == [run.file_name]


@pytest.mark.django_db(transaction=True)
def test_a_file_named_for_a_person_with_a_title_that_is_cut_is_renamed(
    campaign: Campaign, lin: User, settings: Settings, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    imported(campaign, lin, f"李娜{'x' * 180}.csv")
    assert "李娜" in TaskRun.objects.get().title, "the premise"
    candidates_anonymise(candidates=[Candidate.objects.get(name="李娜").pk], by=lin)
    run = ImportRun.objects.get()
    assert TaskRun.objects.get().title == run.file_name == f"{run.created_at:%Y-%m-%d}.csv"


@pytest.mark.parametrize("heading", ["13800138000", "8613800138000", "李娜"])
def test_a_heading_that_is_a_persons_cell_is_forgotten(campaign: Campaign, heading: str) -> None:
    person = make_candidate(campaign=campaign, name="李 娜", mobile="+8613800138000")
    for text in (heading, "手机"):
        LearnedColumn.objects.create(campaign=campaign, heading=text, field="mobile")
    candidates_anonymise(candidates=[person.pk], by=None)
    assert [one.heading for one in LearnedColumn.objects.all()] == ["手机"]


def test_anonymising_takes_the_same_number_of_queries_for_any_number(campaign: Campaign) -> None:
    def queries(number: int) -> int:
        people = [make_interview(campaign=campaign).application.candidate for _ in range(number)]
        with CaptureQueriesContext(connection) as captured:
            candidates_anonymise(candidates=[one.pk for one in people], by=None)
        return len(captured)

    assert queries(2) == queries(5)


def test_the_command_only_lists_candidates_without_the_apply_option() -> None:
    due = candidate_in_stage("rejected")
    output = StringIO()
    call_command("anonymise_candidates", stdout=output)
    assert f"Due (1): {due.pk}" in output.getvalue()
    due.refresh_from_db()
    assert due.anonymised_at is None
    call_command("anonymise_candidates", "--apply", stdout=output)
    due.refresh_from_db()
    assert due.anonymised_at is not None


def test_the_admin_asks_for_confirmation_before_it_anonymises(
    client: Client, lin: User, campaign: Campaign
) -> None:
    candidate, other = make_candidate(), make_candidate()
    candidate.campaigns.add(campaign)
    page = reverse("admin:jobs_candidate_changelist")
    signed_in(client, lin)
    form = {"action": "anonymise", "_selected_action": [candidate.pk]}
    confirmation = client.post(page, form, headers={"accept-language": "en"})
    assert "This cannot be undone." in confirmation.content.decode()
    candidate.refresh_from_db()
    assert candidate.anonymised_at is None
    client.post(page, form | {"sure": "Erase"})
    candidate.refresh_from_db()
    assert candidate.anonymised_at is not None
    other.refresh_from_db()
    assert other.anonymised_at is None


def test_users_without_the_permission_cannot_anonymise(client: Client, wu: User) -> None:
    interview = make_interview(interviewers=[wu])
    candidate = interview.application.candidate
    signed_in(client, wu)
    form = {"action": "anonymise", "_selected_action": [candidate.pk], "sure": "1"}
    client.post(reverse("admin:jobs_candidate_changelist"), form)
    candidate.refresh_from_db()
    assert candidate.anonymised_at is None


def test_operations_staff_see_lists_that_contain_ids_only(client: Client, chen: User) -> None:
    due = candidate_in_stage("rejected")
    tasks.list_anonymisation()
    signed_in(client, chen)
    listed = AnonymisationList.objects.get()
    page = client.get(reverse("admin:jobs_anonymisationlist_change", args=[listed.pk]))
    assert page.status_code == 200
    assert str(due.pk) in page.content.decode()
    assert due.name not in page.content.decode()


@pytest.mark.django_db(transaction=True)
def test_anonymising_locks_the_interview_before_the_candidate() -> None:
    """A merge and an action on the board lock in this order too; another order would deadlock."""
    interview = make_interview()
    candidate = interview.application.candidate

    def anonymise() -> None:
        try:
            candidates_anonymise(candidates=[candidate.pk], by=None)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as threads:
        with transaction.atomic():
            Interview.objects.select_for_update().get(pk=interview.pk)
            done = threads.submit(anonymise)
            until(a_lock_is_awaited)
            Candidate.objects.select_for_update(nowait=True).get(pk=candidate.pk)
        done.result(60)
    candidate.refresh_from_db()
    assert candidate.anonymised_at is not None
