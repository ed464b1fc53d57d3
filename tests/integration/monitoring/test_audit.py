"""The audit log records ids and field names with each write, no values, and is append-only."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from interview.models import Interview
from jobs.candidates import services as candidate_services
from jobs.models import Campaign, Candidate, Job
from monitoring import audit
from monitoring.audit.access import visible_entries
from monitoring.audit.models import AuditEntry
from monitoring.audit.origin import Origin, use_origin
from tests.factories import make_campaign, make_candidate, make_interview, make_job
from tests.people import signed_in

pytestmark = pytest.mark.django_db


def entries_of(row: Any) -> list[AuditEntry]:
    label = row._meta.label_lower
    return list(AuditEntry.objects.filter(label=label, ids__contains=[row.pk]).order_by("pk"))


def actions_and_fields(row: Any) -> list[tuple[str, list[str]]]:
    return [(entry.action, entry.fields) for entry in entries_of(row)]


def test_a_change_records_field_names_and_no_values(campaign: Campaign) -> None:
    candidate = make_candidate(name="王小明")
    candidate_services.candidate_update(candidate=candidate, name="王大明", mobile="13800138000")
    assert actions_and_fields(candidate)[0] == ("create", [])
    action, fields = actions_and_fields(candidate)[1]
    assert action == "change"
    assert (
        {"name", "mobile", "pinyin"}
        <= set(fields)
        <= {*("name", "mobile", "pinyin", "initials", "search_name")}
    )
    written = str(list(AuditEntry.objects.values()))
    assert "王" not in written
    assert "13800138000" not in written


def test_entries_of_a_page_request_share_the_user_and_the_request_id(
    client: Client, lin: User, campaign: Campaign
) -> None:
    job = make_job(campaign=campaign, title="Engineer")
    candidate = make_candidate()
    candidate.campaigns.add(campaign)
    signed_in(client, lin)
    data = {"candidate": candidate.pk, "job": job.pk}
    response = client.post("/api/v1/applications/", data, content_type="application/json")
    assert response.status_code == 201, response.content
    [entry] = AuditEntry.objects.filter(label="jobs.application")
    assert (entry.actor_id, entry.action) == (lin.pk, "create")
    assert entry.source == "POST application-list"
    assert len(entry.request_id) == 32
    [sign_in] = AuditEntry.objects.filter(action="sign_in")
    assert (sign_in.actor_id, sign_in.ids) == (lin.pk, [lin.pk])
    assert sign_in.request_id != entry.request_id


def test_a_task_is_audited_for_the_user_who_started_it(lin: User) -> None:
    """The message headers carry the user; here the task runs at once with the same headers."""
    from celery import signals

    headers: dict[str, Any] = {}
    with use_origin(Origin(actor=lin.pk, request_id="a-request")):
        signals.before_task_publish.send(sender="x", headers=headers)
    from project.celery import app

    seen = []

    @app.task(name="tests.make_a_job", bind=True)
    def make(task: Any) -> None:
        seen.append(make_job())

    make.apply(headers=headers)
    entry = entries_of(seen[0])[0]
    assert (entry.actor_id, entry.request_id) == (lin.pk, "a-request")
    assert entry.source == "task tests.make_a_job"
    after = make_job()
    assert entries_of(after)[0].actor_id is None, "the user is set only while the task runs"


def test_a_bulk_write_is_one_entry(campaign: Campaign) -> None:
    people = [{"name": f"P{n}", "mobile": f"+86189{n:08d}"} for n in range(30)]
    before = AuditEntry.objects.count()
    with CaptureQueriesContext(connection) as captured:
        made = candidate_services.candidates_create(people=people)  # type: ignore[arg-type]
    [entry] = AuditEntry.objects.all()[: AuditEntry.objects.count() - before]
    assert (entry.action, entry.count) == ("create", 30)
    assert sorted(entry.ids) == sorted(one.pk for one in made)
    assert sum("monitoring_auditentry" in query["sql"] for query in captured) == 1
    candidate_services.candidates_remove_unused(candidates=[one.pk for one in made])
    assert AuditEntry.objects.first().action == "delete"  # type: ignore[union-attr]


def test_a_rolled_back_write_leaves_no_entry(campaign: Campaign) -> None:
    before = AuditEntry.objects.count()
    with transaction.atomic():
        make_job(campaign=campaign)
        assert AuditEntry.objects.count() > before, "the premise"
        transaction.set_rollback(True)
    assert AuditEntry.objects.count() == before


def test_queryset_updates_are_recorded(campaign: Campaign) -> None:
    jobs = [make_job(campaign=campaign) for _ in range(3)]
    Job.objects.filter(campaign=campaign).update(is_published=True)
    entry = AuditEntry.objects.first()
    assert entry is not None
    assert (sorted(entry.ids), entry.fields) == (sorted(j.pk for j in jobs), ["is_published"])


def test_interviews_interviewers_and_rooms_are_audited(campaign: Campaign, wu: User) -> None:
    interview = make_interview(campaign=campaign, interviewers=[wu])
    assert actions_and_fields(interview)[0] == ("create", [])
    assert actions_and_fields(interview.room)[0] == ("create", [])
    assert actions_and_fields(interview.assignments.get())[0] == ("create", [])


def test_permission_changes_are_audited(sun: User) -> None:
    group = Group.objects.get(name="operations")
    sun.groups.add(group)
    group.user_set.remove(sun)
    sun.is_superuser = True
    sun.save()
    assert [fields for _action, fields in actions_and_fields(sun)[-3:]] == [
        ["groups"],
        ["groups"],
        ["is_superuser"],
    ]


@pytest.mark.parametrize("sql", ["UPDATE {} SET count = 0", "DELETE FROM {}", "TRUNCATE {}"])
def test_the_database_rejects_changes_of_the_audit_log(campaign: Campaign, sql: str) -> None:
    assert AuditEntry.objects.exists()
    with (
        pytest.raises(DatabaseError, match="only ever added to"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql.format("monitoring_auditentry"))


def test_an_entry_can_be_neither_saved_again_nor_deleted(campaign: Campaign) -> None:
    entry = AuditEntry.objects.first()
    assert entry is not None
    for write in (entry.save, entry.delete):
        with pytest.raises(TypeError, match="append-only"):
            write()


def test_a_coordinator_sees_only_entries_of_their_own_campaigns(
    client: Client, lin: User, campaign: Campaign
) -> None:
    mine, theirs = make_job(campaign=campaign), make_job(campaign=make_campaign())
    both = [mine.pk, theirs.pk]
    audit.record(action=audit.Action.CHANGE, label="jobs.job", ids=both, fields=["title"])
    signed_in(client, lin)
    response = client.get("/api/v1/audit/", {"label": "jobs.job"}).json()
    assert [entry["ids"] for entry in response["results"]] == [[mine.pk]]
    assert set(response["results"][0]) == {
        *("id", "at", "actor", "action", "label", "ids", "count", "fields", "source"),
        "request_id",
    }
    found = client.get("/api/v1/audit/", {"record": theirs.pk, "label": "jobs.job"}).json()
    assert found["count"] == 0


def test_an_entry_that_names_a_record_twice_is_shown(lin: User, campaign: Campaign) -> None:
    mine, theirs = make_job(campaign=campaign).pk, make_job(campaign=make_campaign()).pk
    for ids in ([mine, mine], [mine, theirs, mine]):
        audit.record(action=audit.Action.CHANGE, label="jobs.job", ids=ids, fields=["city"])
    found = visible_entries(lin).filter(label="jobs.job", fields=["city"])
    assert [entry.ids for entry in found] == [[mine, mine]]


def test_entries_can_be_filtered_by_time(client: Client, admin: User, campaign: Campaign) -> None:
    signed_in(client, admin)
    moment = AuditEntry.objects.latest("at").at
    later, earlier = (moment + by for by in (timedelta(seconds=1), timedelta(seconds=-1)))

    def count(**filters: datetime) -> int:
        query = {name: value.isoformat() for name, value in filters.items()}
        number: int = client.get("/api/v1/audit/", query).json()["count"]
        return number

    everything = count()
    assert count(at_after=moment) > 0
    assert count(at_after=later) == 0
    assert count(at_before=later) == everything
    assert count(at_before=moment) - count(at_before=earlier) == count(
        at_after=earlier, at_before=moment
    )


@pytest.mark.parametrize("name", ["wu", "chen", "sun"])
def test_users_who_coordinate_nothing_see_no_entries(
    client: Client, campaign: Campaign, name: str, request: pytest.FixtureRequest
) -> None:
    person = request.getfixturevalue(name)
    make_interview(campaign=campaign)
    signed_in(client, person)
    assert AuditEntry.objects.filter(actor=person).exists(), (
        "the premise: their sign-in is recorded"
    )
    assert client.get("/api/v1/audit/").status_code == 403
    assert not visible_entries(person).exists()


def test_the_api_is_read_only(client: Client, lin: User, campaign: Campaign) -> None:
    signed_in(client, lin)
    assert client.post("/api/v1/audit/").status_code == 405


def test_anonymous_users_cannot_read_the_audit_log(client: Client, db: None) -> None:
    assert client.get("/api/v1/audit/").status_code == 401


def test_a_superuser_sees_all_entries_even_of_deleted_records(admin: User) -> None:
    job = make_job()
    pk = job.pk
    job.delete()
    found = visible_entries(admin).filter(label="jobs.job", ids__contains=[pk])
    assert [entry.action for entry in found] == ["delete", "create"]


def test_the_number_of_queries_does_not_grow_with_the_entries(
    client: Client, lin: User, campaign: Campaign
) -> None:
    signed_in(client, lin)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/api/v1/audit/").status_code == 200
        return len(captured)

    make_job(campaign=campaign)
    few = queries()
    for _ in range(20):
        make_job(campaign=campaign)
    assert queries() == few


def test_the_admin_shows_entries_to_coordinators_read_only(
    client: Client, lin: User, campaign: Campaign
) -> None:
    mine, theirs = make_job(campaign=campaign), make_job(campaign=make_campaign())
    signed_in(client, lin)
    page = reverse("admin:monitoring_auditentry_changelist")
    text = client.get(page).content.decode()
    own, others = (entries_of(job)[0].pk for job in (mine, theirs))
    assert f"/auditentry/{own}/change/" in text
    assert f"/auditentry/{others}/change/" not in text
    assert client.get(page, {"q": str(mine.pk)}).status_code == 200
    assert client.get(f"{page}{own}/change/").status_code == 200
    assert client.post(f"{page}{own}/delete/").status_code == 403


def test_entries_keep_the_id_of_a_deleted_account(lin: User, campaign: Campaign) -> None:
    audit.record(action=audit.Action.EXPORT, label="jobs.candidate", count=7, by=lin)
    pk = lin.pk
    lin.delete()
    entry = AuditEntry.objects.get(action="export")
    assert (entry.actor_id, entry.count, entry.ids) == (pk, 7, [])


def test_the_main_models_are_audited() -> None:
    """The labels that signal receivers write are those used to check permissions."""
    from monitoring.audit.tracking import tracked_models

    assert {m._meta.label_lower for m in (Candidate, Interview, Job, User)} <= set(tracked_models)
