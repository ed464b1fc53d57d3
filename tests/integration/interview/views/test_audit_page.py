"""The audit page: coordinators see their campaigns, superusers all, others none."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from jobs.candidates import services as candidate_services
from jobs.models import Campaign
from monitoring import audit
from monitoring.audit.models import AuditEntry
from tests.factories import make_campaign, make_candidate, make_interview, make_job
from tests.people import signed_in
from tests.support.product.clock import Clock

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]

JOB = "jobs.job"


def rows(client: Client, **query: object) -> list[str]:
    """The text of each row of the table, in English."""
    response = client.get(reverse("audit"), query, headers={"Accept-Language": "en"})
    assert response.status_code == 200
    body = response.content.decode().partition("<tbody>")[2].partition("</tbody>")[0]
    lines = [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in body.split("</tr>")]
    return [line for line in lines if line]


def record_ids(client: Client, **query: object) -> list[int]:
    """The ids of the records named in the table."""
    return [int(pk) for line in rows(client, **query) for pk in re.findall(r"#(\d+)", line)]


@pytest.mark.parametrize("name", ["wu", "chen", "sun"])
def test_people_who_coordinate_no_campaign_are_refused(
    client: Client, campaign: Campaign, name: str, request: pytest.FixtureRequest
) -> None:
    signed_in(client, request.getfixturevalue(name))
    assert client.get(reverse("audit")).status_code == 403
    assert client.get("/").status_code == 302


def test_visitors_must_sign_in(client: Client, db: None) -> None:
    response = client.get(reverse("audit"))
    assert response.headers["Location"].startswith(reverse("login"))


def test_the_page_refuses_post(client: Client, lin: User) -> None:
    signed_in(client, lin)
    assert client.post(reverse("audit")).status_code == 405


def test_a_coordinator_sees_the_same_entries_as_in_the_api(
    client: Client, lin: User, campaign: Campaign
) -> None:
    mine, theirs = make_job(campaign=campaign), make_job(campaign=make_campaign())
    signed_in(client, lin)
    assert record_ids(client, label=JOB) == [mine.pk]
    assert record_ids(client, label=JOB, record=theirs.pk) == []
    by_api = client.get("/api/v1/audit/", {"label": JOB}).json()["results"]
    assert [entry["ids"] for entry in by_api] == [[mine.pk]]
    sign_ins = client.get("/api/v1/audit/", {"actor": lin.pk}).json()["count"]
    assert len(rows(client, actor=lin.pk)) == sign_ins > 0


def test_a_superuser_sees_entries_of_all_campaigns(client: Client, admin: User) -> None:
    jobs = [make_job(campaign=make_campaign()), make_job(campaign=make_campaign())]
    signed_in(client, admin)
    assert record_ids(client, label=JOB) == [job.pk for job in reversed(jobs)]


def test_a_row_names_person_action_record_and_fields_without_values(
    client: Client, lin: User, campaign: Campaign
) -> None:
    candidate = make_candidate(campaign=campaign, name="王小明")
    candidate_services.candidate_update(candidate=candidate, name="王大明", mobile="13800138000")
    audit.record(
        action="change", label="jobs.candidate", ids=[candidate.pk], fields=["city"], by=lin
    )
    signed_in(client, lin)
    newest, *earlier = rows(client, label="jobs.candidate")
    assert "林岚 Changed Candidate" in newest
    assert newest.endswith(f"#{candidate.pk} city")
    assert earlier[0].count("The system") == 1
    assert "mobile" in earlier[0]
    whole = client.get(reverse("audit")).content.decode()
    assert "王" not in whole
    assert "13800138000" not in whole


def test_filters_restrict_the_entries(
    client: Client, lin: User, wu: User, campaign: Campaign
) -> None:
    job, other = make_job(campaign=campaign), make_job(campaign=campaign)
    audit.record(action="change", label=JOB, ids=[job.pk], fields=["title"], by=wu)
    audit.record(action="export", label=JOB, ids=[other.pk], by=lin)
    signed_in(client, lin)
    assert record_ids(client, label=JOB, action="export") == [other.pk]
    assert record_ids(client, label=JOB, who="吴磊") == [job.pk]
    assert record_ids(client, label=JOB, who="WU") == [job.pk]
    assert record_ids(client, label=JOB, who="nobody at all") == []
    assert record_ids(client, record=job.pk, label=JOB, action="create") == [job.pk]


INVALID_FILTERS = [
    *(("action", "x"), ("label", "x"), ("record", "x"), ("record", str(2**70))),
    *(("since", "x"), ("until", "2026-02-30"), ("before", "x"), ("who", "\x00")),
    *(("actor", "zz"), ("actor", "0")),
]


def test_an_invalid_filter_is_reported_by_field_and_shows_no_entries(
    subtests: pytest.Subtests, client: Client, lin: User, campaign: Campaign
) -> None:
    job = make_job(campaign=campaign)
    signed_in(client, lin)
    assert job.pk in record_ids(client), "the premise: there is something to be shown"
    for field, nonsense in INVALID_FILTERS:
        with subtests.test(field=field, nonsense=nonsense):
            response = client.get(reverse("audit"), {field: nonsense})
            assert (response.status_code, set(response.context["filters"].errors)) == (400, {field})
            assert 'class="errorlist"' in response.content.decode()
            assert not re.findall(r">#(\d+)<", response.content.decode())


def test_an_invalid_hidden_filter_is_reported_in_words(
    client: Client, lin: User, campaign: Campaign
) -> None:
    signed_in(client, lin)
    query = {"actor": "zz"}
    page = client.get(reverse("audit"), query, headers={"accept-language": "en"}).content.decode()
    assert "The address of this page has an invalid value: person" in page
    assert "Correct the fields marked above" not in page, "no field is marked"


def test_days_are_in_the_readers_time_zone(
    client: Client, lin: User, campaign: Campaign, clock: Clock, settings
) -> None:
    settings.TIME_ZONE = "Asia/Shanghai"
    clock.set(datetime(2026, 11, 20, 17, 30, tzinfo=UTC))  # 01:30 of the 21st in Shanghai
    job = make_job(campaign=campaign)
    clock.set(datetime(2026, 11, 25, 9, 0, tzinfo=UTC))
    signed_in(client, lin)
    assert record_ids(client, label=JOB, since="2026-11-21", until="2026-11-21") == [job.pk]
    assert record_ids(client, label=JOB, until="2026-11-20") == []
    assert record_ids(client, label=JOB, since="2026-11-22") == []


def test_paging_shows_every_entry_exactly_once(
    client: Client, lin: User, campaign: Campaign
) -> None:
    ids = [make_job(campaign=campaign).pk for _ in range(120)]
    signed_in(client, lin)
    seen, address = [], f"{reverse('audit')}?label={JOB}"
    while address:
        page = client.get(address).content.decode()
        seen += [int(pk) for pk in re.findall(r">#(\d+)<", page)]
        make_job(campaign=make_campaign())  # a new entry must not shift the pages
        older = re.search(r'rel="next" href="([^"]+)"', page)
        address = reverse("audit") + older[1].replace("&amp;", "&") if older else ""
    assert seen == ids[::-1]


def test_the_number_of_queries_does_not_grow_with_the_entries(
    client: Client,
    lin: User,
    wu: User,
    campaign: Campaign,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    signed_in(client, lin)
    make_job(campaign=campaign)
    with django_assert_num_queries(20, exact=False) as few:
        assert client.get(reverse("audit")).status_code == 200
    for person in (lin, wu, None) * 10:
        audit.record(action="change", label=JOB, ids=[make_job(campaign=campaign).pk], by=person)
    with django_assert_num_queries(len(few.captured_queries)):
        client.get(reverse("audit"))


def test_a_deleted_record_is_named_without_a_link(client: Client, admin: User) -> None:
    job = make_job()
    pk = job.pk
    job.delete()
    audit.record(action="change", label="nobody.knows", ids=[7], fields=["x"], by=admin)
    AuditEntry.objects.create(actor_id=999_999, action="change", label=JOB, ids=[8])
    signed_in(client, admin)
    response = client.get(reverse("audit"), headers={"Accept-Language": "en"})
    page = response.content.decode()
    assert "nobody.knows" in page
    assert "#999999" in page
    deleted = page.partition("<tbody>")[2].partition("Deleted")[2].partition("</tr>")[0]
    assert f"#{pk}" in deleted
    assert "href" not in deleted


def test_only_coordinators_get_a_link_from_an_interview_to_its_audit_entries(
    client: Client, lin: User, wu: User, campaign: Campaign
) -> None:
    interview = make_interview(campaign=campaign, interviewers=[wu])
    page = reverse("interview", args=[interview.pk])
    link = f"{reverse('audit')}?label=interview.interview&amp;record={interview.pk}"
    assert link not in signed_in(Client(), wu).get(page).content.decode()
    signed_in(client, lin)
    assert link in client.get(page).content.decode()
    assert interview.pk in record_ids(client, label="interview.interview", record=interview.pk)
