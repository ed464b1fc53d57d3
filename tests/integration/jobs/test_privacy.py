"""Unsuccessful candidates are listed after the retention period and anonymised on confirmation."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from interview.models import Interview, Scorecard
from jobs import tasks
from jobs.models import AnonymisationList, Application, Campaign, Candidate
from jobs.privacy.anonymisation import candidates_anonymise, due_for_anonymisation
from monitoring.audit.models import AuditEntry
from tests.factories import make_application, make_candidate, make_interview
from tests.people import signed_in
from tests.support.wait import until

pytestmark = pytest.mark.django_db
LONG_AGO = timezone.now() - timedelta(days=3 * 366)


def applied(stage: str, *, at: datetime = LONG_AGO, campaign: Campaign | None = None) -> Candidate:
    """Returns a candidate whose application has been in this stage since the given time."""
    application = make_application(**({"campaign": campaign} if campaign else {}))
    Application.objects.filter(pk=application.pk).update(stage=stage, updated_at=at)
    aged(application.candidate, at)
    return application.candidate


def aged(candidate: Candidate, at: datetime = LONG_AGO) -> Candidate:
    Candidate.objects.filter(pk=candidate.pk).update(created_at=at, updated_at=at)
    return candidate


def test_due_is_who_was_not_hired_and_of_whom_nothing_was_heard_for_years() -> None:
    due = [applied("rejected"), applied("withdrawn"), aged(make_candidate())]
    others = [applied("hired"), applied("interviewing"), make_candidate()]
    others.append(applied("rejected", at=timezone.now()))
    again = applied("rejected")
    make_application(candidate=again)
    cutoff = timezone.now() - timedelta(days=2 * 366)
    found = set(due_for_anonymisation(cutoff).values_list("pk", flat=True))
    assert found == {one.pk for one in due}
    assert not found & {one.pk for one in [*others, again]}


def test_the_night_s_run_lists_ids_and_changes_nobody(settings: Settings) -> None:
    due = applied("rejected")
    tasks.list_anonymisation()
    listed = AnonymisationList.objects.get()
    assert (listed.candidates, listed.count, listed.carried_out_at) == ([due.pk], 1, None)
    name = due.name
    due.refresh_from_db()
    assert (due.name, due.anonymised_at) == (name, None)
    settings.RETENTION_YEARS = 50
    tasks.list_anonymisation()
    assert AnonymisationList.objects.first().count == 0  # type: ignore[union-attr]


def test_where_the_settings_say_so_the_night_s_run_carries_it_out(settings: Settings) -> None:
    settings.ANONYMISE_AUTOMATICALLY = True
    due, other = applied("rejected"), applied("hired")
    tasks.list_anonymisation()
    for candidate in (due, other):
        candidate.refresh_from_db()
    assert due.name == f"#{due.pk}"
    assert other.name != f"#{other.pk}"
    assert AnonymisationList.objects.get().carried_out_at


def test_nothing_about_the_person_is_left_and_the_figures_are(
    campaign: Campaign, lin: User, wu: User
) -> None:
    interview = make_interview(campaign=campaign, interviewers=[wu])
    candidate = interview.application.candidate
    Scorecard.objects.create(
        interview=interview, interviewer=wu, strengths="Speaks of his father", concerns="His health"
    )
    interview.reason = "Her child is ill"
    interview.save()
    secrets = [candidate.name, candidate.mobile, candidate.email, "father", "health", "child"]
    stage = interview.application.stage
    assert candidates_anonymise(candidates=[candidate.pk], by=lin) == [candidate.pk]
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(c::text, ' ') FROM jobs_candidate c")
        left = str(cursor.fetchone())
    left += str([*Scorecard.objects.values(), *Interview.objects.values()])
    assert [secret for secret in secrets if secret and secret in left] == []
    interview.application.refresh_from_db()
    assert interview.application.stage == stage
    entry = AuditEntry.objects.get(action="anonymise")
    assert (entry.actor_id, entry.ids) == (lin.pk, [candidate.pk])
    assert candidates_anonymise(candidates=[candidate.pk], by=lin) == [], "once is enough"


def test_anonymising_costs_the_same_for_one_and_for_many(campaign: Campaign) -> None:
    def queries(number: int) -> int:
        people = [make_interview(campaign=campaign).application.candidate for _ in range(number)]
        with CaptureQueriesContext(connection) as captured:
            candidates_anonymise(candidates=[one.pk for one in people], by=None)
        return len(captured)

    assert queries(2) == queries(12)


def test_the_command_only_lists_unless_it_is_told_to_apply() -> None:
    due = applied("rejected")
    said = StringIO()
    call_command("anonymise_candidates", stdout=said)
    assert f"Due (1): {due.pk}" in said.getvalue()
    due.refresh_from_db()
    assert due.anonymised_at is None
    call_command("anonymise_candidates", "--apply", stdout=said)
    due.refresh_from_db()
    assert due.anonymised_at is not None


def test_in_the_admin_it_asks_before_it_erases(
    client: Client, lin: User, campaign: Campaign
) -> None:
    candidate, other = make_candidate(), make_candidate()
    candidate.campaigns.add(campaign)
    page = reverse("admin:jobs_candidate_changelist")
    signed_in(client, lin)
    chosen = {"action": "anonymise", "_selected_action": [candidate.pk]}
    asked = client.post(page, chosen, headers={"accept-language": "en"})
    assert "There is no way back." in asked.content.decode()
    candidate.refresh_from_db()
    assert candidate.anonymised_at is None
    client.post(page, chosen | {"sure": "Erase"})
    candidate.refresh_from_db()
    assert candidate.anonymised_at is not None
    other.refresh_from_db()
    assert other.anonymised_at is None


def test_without_the_permission_nobody_erases(client: Client, wu: User) -> None:
    interview = make_interview(interviewers=[wu])
    candidate = interview.application.candidate
    signed_in(client, wu)
    chosen = {"action": "anonymise", "_selected_action": [candidate.pk], "sure": "1"}
    client.post(reverse("admin:jobs_candidate_changelist"), chosen)
    candidate.refresh_from_db()
    assert candidate.anonymised_at is None


def test_operations_read_the_lists_and_find_ids_alone(client: Client, chen: User) -> None:
    due = applied("rejected")
    tasks.list_anonymisation()
    signed_in(client, chen)
    listed = AnonymisationList.objects.get()
    page = client.get(reverse("admin:jobs_anonymisationlist_change", args=[listed.pk]))
    assert page.status_code == 200
    assert str(due.pk) in page.content.decode()
    assert due.name not in page.content.decode()


@pytest.mark.django_db(transaction=True)
def test_whoever_works_on_an_interview_is_waited_for_before_its_candidate_is_held() -> None:
    """A merge, or an act on the board, holds the interview first: the other way round each would
    wait for the other."""
    interview = make_interview()
    candidate = interview.application.candidate

    def work() -> None:
        try:
            candidates_anonymise(candidates=[candidate.pk], by=None)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as threads:
        with transaction.atomic():
            Interview.objects.select_for_update().get(pk=interview.pk)
            done = threads.submit(work)
            until(somebody_waits)
            Candidate.objects.select_for_update(nowait=True).get(pk=candidate.pk)
        done.result(60)
    candidate.refresh_from_db()
    assert candidate.anonymised_at is not None


def somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")
        return bool(cursor.fetchone()[0])
