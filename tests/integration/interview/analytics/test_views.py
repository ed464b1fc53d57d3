"""The analytics page: access, number of queries, CSV download, invalid input."""

from __future__ import annotations

import csv
import re
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from interview import services
from interview.analytics.registry import REPORTS
from jobs.models import Campaign
from monitoring.audit.models import AuditEntry
from tests.factories import (
    NOBODY,
    make_application,
    make_campaign,
    make_interview,
    make_interviewer,
    make_member,
)
from tests.people import make_person, signed_in

pytestmark = [pytest.mark.postgres, pytest.mark.redis, pytest.mark.django_db]


def get_reports(client: Client, **query: object) -> Any:
    """The response of the analytics page, in English."""
    return client.get(reverse("analytics"), query, headers={"Accept-Language": "en"})


def text_of(response: HttpResponse) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def cancelled(campaign: Campaign, reason: str) -> None:
    interview = make_interview(campaign=campaign)
    services.interview_cancel(
        interview_id=interview.pk,
        version=interview.version,
        reason=reason,
        side="company",
        actor=NOBODY,
    )


@pytest.mark.parametrize("name", ["wu", "chen", "sun"])
def test_people_who_coordinate_no_campaign_are_refused(
    client: Client, campaign: Campaign, name: str, request: pytest.FixtureRequest
) -> None:
    signed_in(client, request.getfixturevalue(name))
    assert get_reports(client, campaign=campaign.slug).status_code == 403
    assert get_reports(client, what="funnel", format="csv").status_code == 403


def test_visitors_must_sign_in(client: Client, db: None) -> None:
    assert get_reports(client).headers["Location"].startswith(reverse("login"))


def test_a_coordinator_sees_the_reports_of_their_own_campaigns_only(
    client: Client, lin: User, campaign: Campaign
) -> None:
    cancelled(campaign, "Hers")
    other = make_campaign()
    cancelled(other, "Theirs")
    signed_in(client, lin)
    assert "Hers" in text_of(get_reports(client))
    refused, unknown = (
        get_reports(client, campaign=other.slug),
        get_reports(client, campaign="nowhere"),
    )
    assert refused.status_code == unknown.status_code == 400
    for response in (refused, unknown):
        assert "Theirs" not in text_of(response)
        assert other.name not in text_of(response)
    neighbour = make_person("neighbour", "coordinator")
    make_member(other, neighbour)
    theirs = signed_in(Client(), neighbour)
    assert "Theirs" in text_of(get_reports(theirs))
    assert get_reports(theirs, campaign=campaign.slug).status_code == 400


def test_a_superuser_sees_the_reports_of_every_campaign(client: Client, admin: User) -> None:
    signed_in(client, admin)
    assert "No campaign yet" in text_of(get_reports(client))
    for number in (1, 2):
        campaign = make_campaign()
        cancelled(campaign, f"Reason {number}")
        assert f"Reason {number}" in text_of(get_reports(client, campaign=campaign.slug))


def test_a_campaign_without_history_has_an_empty_state(client: Client, lin: User) -> None:
    signed_in(client, lin)
    response = get_reports(client)
    assert response.status_code == 200
    assert "Nothing happened in this period" in text_of(response)
    assert "<table" not in response.content.decode()


def test_an_empty_report_says_so_while_the_others_are_shown(
    client: Client, lin: User, campaign: Campaign
) -> None:
    make_application(campaign=campaign)
    signed_in(client, lin)
    page = text_of(get_reports(client))
    assert "No data in this period." in page
    assert "Applied" in page


def test_the_number_of_queries_does_not_grow_with_the_interviews(
    client: Client,
    lin: User,
    wu: User,
    campaign: Campaign,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    def interviews(number: int) -> None:
        begins = timezone.now() - timedelta(days=20)
        for position in range(number):
            make_interview(
                campaign=campaign,
                status=("completed", "cancelled", "confirmed")[position % 3],
                interviewers=[make_interviewer(), wu],
                starts_at=begins + timedelta(hours=2 * (position + number)),
            )

    signed_in(client, lin)
    interviews(3)
    with django_assert_num_queries(25, exact=False) as few:
        assert "All rounds" in text_of(get_reports(client))
    interviews(9)
    with django_assert_num_queries(len(few.captured_queries)):
        get_reports(client)


def test_each_report_downloads_as_csv_and_the_export_is_audited(
    subtests: pytest.Subtests, client: Client, lin: User, wu: User, campaign: Campaign
) -> None:
    make_interview(campaign=campaign, status="completed", interviewers=[wu])
    cancelled(campaign, "=HYPERLINK(1)")
    signed_in(client, lin)
    page = get_reports(client, until=timezone.localdate() + timedelta(days=7)).content.decode()
    exports = AuditEntry.objects.filter(action="export", actor=lin)
    for report in REPORTS:
        with subtests.test(report=report):
            earlier = list(exports.values_list("pk", flat=True))
            link = re.search(rf'href="(\?[^"]*what={report}[^"]*format=csv[^"]*)"', page)
            assert link is not None
            response = client.get(
                reverse("analytics") + link[1].replace("&amp;", "&"),
                headers={"Accept-Language": "en"},
            )
            assert response.status_code == 200
            assert response.content.startswith(b"\xef\xbb\xbf")
            assert f"{campaign.slug}-{report}-" in response.headers["Content-Disposition"]
            headings, *rows = csv.reader(StringIO(response.content.decode("utf-8-sig")))
            assert rows
            assert all(len(row) == len(headings) for row in rows)
            if report == "reasons":
                assert rows == [["Cancelled", "'=HYPERLINK(1)", "1"]]
            if report == "funnel":
                assert rows[0] == ["Applied", "2", "100.0"]
            assert [entry.count for entry in exports.exclude(pk__in=earlier)] == [len(rows)]


def test_without_the_export_permission_there_is_no_link_and_no_file(
    client: Client, lin: User, campaign: Campaign
) -> None:
    make_application(campaign=campaign)
    signed_in(client, lin)
    assert "format=csv" in get_reports(client).content.decode()
    lin.groups.clear()
    assert "format=csv" not in get_reports(client).content.decode()
    assert get_reports(client, what="funnel", format="csv").status_code == 403


INVALID_INPUT = [
    ({"campaign": "nowhere"}, "Campaign", "is not one of the available choices"),
    ({"since": "yesterday"}, "From", "Enter a valid date."),
    ({"until": "2026-02-30"}, "Until", "Enter a valid date."),
    ({"since": "0001-01-01"}, "From", "greater than or equal to 2000-01-01"),
    ({"until": "9999-12-31"}, "Until", "less than or equal to 2099-12-31"),
    ({"since": "2026-11-02", "until": "2026-11-01"}, "Until", "must not be before the start"),
    ({"since": "2020-01-01", "until": "2026-11-01"}, "Until", "at most 366 days"),
    ({"what": "salaries"}, "what", "is not one of the available choices"),
    ({"what": "funnel", "format": "pdf"}, "format", "is not one of the available choices"),
    ({"since": "\x00"}, "From", "Enter a valid date."),
    ({"campaign": "a\x00b"}, "Campaign", "available choices"),
]


def test_invalid_input_is_reported_by_field_and_exports_nothing(
    subtests: pytest.Subtests, client: Client, lin: User, campaign: Campaign
) -> None:
    cancelled(campaign, "Nobody reads this")
    signed_in(client, lin)
    for query, field, reason in INVALID_INPUT:
        with subtests.test(query=query, field=field, reason=reason):
            for form in (query, {"what": "funnel", "format": "csv"} | query):
                response = get_reports(client, **form)
                assert response.status_code == 400
                page = text_of(response)
                assert re.search(rf"\b{field} .*{reason}", page), page
                assert "Nobody reads this" not in page
            assert not AuditEntry.objects.filter(action="export").exists()


def test_a_download_without_a_report_name_is_refused(client: Client, lin: User) -> None:
    signed_in(client, lin)
    response = get_reports(client, format="csv")
    assert response.status_code == 400
    assert "what Choose the report to download." in text_of(response)


def test_the_page_refuses_post(client: Client, lin: User) -> None:
    signed_in(client, lin)
    assert client.post(reverse("analytics")).status_code == 405
