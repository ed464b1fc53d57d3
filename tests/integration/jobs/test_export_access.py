"""Access to exports through the API, the pages and the admin."""

import csv
import io
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.urls import reverse

from interview.models import Interview
from interview.rules.permissions import may_read_scorecard_content, readable_scorecards
from jobs.exports import contents
from jobs.exports.queue import export_start
from jobs.merging.diff import digest_of, records_of
from jobs.merging.execute import candidates_merge
from jobs.models import Candidate
from jobs.privacy.anonymisation import candidates_anonymise
from realtime.models import TaskRun
from tests.factories import (
    make_application,
    make_campaign,
    make_candidate,
    make_interview,
    make_member,
    make_scorecard,
)
from tests.people import signed_in
from tests.support.product.sample_tasks import deliver

pytestmark = pytest.mark.django_db

ADDRESS = "/api/v1/exports/"


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def lin_client(lin):
    return signed_in(Client(headers={"accept-language": "en"}), lin)


def request_export(client, **body):
    return client.post(ADDRESS, body, content_type="application/json")


def rows_of(run):
    assert run.state == "succeeded", run.message
    with run.result_file.open("rb") as file:
        return list(csv.reader(io.StringIO(file.read().decode("utf-8-sig"))))


def test_the_api_returns_a_task_whose_file_only_its_owner_can_download(lin_client, campaign, admin):
    make_candidate(campaign=campaign, name="李小龙")
    response = request_export(lin_client, what="candidates", format="csv", filter={"q": "lxl"})
    assert response.status_code == 202
    run = deliver(TaskRun.objects.get(pk=response.data["task"]))
    assert "李小龙".encode() in b"".join(lin_client.get(run.result_url))
    assert signed_in(Client(), admin).get(run.result_url).status_code in (403, 404)


INVALID_REQUESTS = [
    ({"what": "salaries"}, "what"),
    ({"what": "candidates", "format": "pdf"}, "format"),
    ({"what": "candidates", "filter": "all"}, "filter"),
    ({"what": "candidates", "filter": {"campaign": "foreign"}}, "campaign"),
    ({"what": "applications", "filter": {"stage": "lost"}}, "stage"),
    ({"what": "interviews", "filter": {"day": "soon"}}, "day"),
    ({"what": "scorecards", "filter": {"colour": "blue"}}, "colour"),
]


def test_an_invalid_export_request_is_refused_at_its_field(subtests, lin_client):
    make_campaign(slug="foreign")
    for body, field in INVALID_REQUESTS:
        with subtests.test(body=body, field=field):
            response = request_export(lin_client, **body)
            assert response.status_code == 400
            assert list(response.data["errors"]) == [field]
            assert not TaskRun.objects.exists()


@pytest.mark.parametrize("person", ["wu", "chen", "sun"])
def test_only_coordinators_may_export_by_page_and_api(request, person):
    client = signed_in(Client(), request.getfixturevalue(person))
    assert request_export(client, what="candidates").status_code == 403
    assert client.post(reverse("export"), {"what": "candidates"}).status_code == 403
    assert not TaskRun.objects.exists()


def test_a_coordinator_without_the_export_permission_sees_no_button_and_is_refused(lin_client, lin):
    page = reverse("candidates")
    assert reverse("export") in lin_client.get(page).content.decode()
    lin.groups.clear()
    assert reverse("export") not in lin_client.get(page).content.decode()
    assert request_export(lin_client, what="candidates").status_code == 403


def test_the_export_button_exports_the_rows_that_the_page_shows(lin_client, campaign):
    make_application(candidate=make_candidate(name="Ana Ruiz"), campaign=campaign)
    make_application(candidate=make_candidate(name="Bob Ray"), campaign=campaign)
    back = reverse("applications") + "?q=ana"
    assert 'value="ana"' in lin_client.get(back).content.decode()
    response = lin_client.post(
        reverse("export"), {"what": "applications", "format": "csv", "q": "ana", "back": back}
    )
    assert response["Location"] == back
    headings, row = rows_of(deliver(TaskRun.objects.get()))
    assert (headings[0], row[0], row[5]) == ("Candidate", "Ana Ruiz", "Applied")


def test_the_export_button_does_not_redirect_to_other_sites(lin_client):
    form = {"what": "candidates", "format": "csv", "back": "https://elsewhere.example/"}
    assert lin_client.post(reverse("export"), form)["Location"] == reverse("tasks")


def test_interviews_are_exported_with_names_and_readable_statuses(lin_client, lin, wu, campaign):
    make_interview(campaign=campaign, interviewers=[wu], status="confirmed")
    make_interview()
    run = export_start(what="interviews", file_format="csv", filters={}, by=lin)
    headings, row = rows_of(deliver(run))
    shown = dict(zip(headings, row, strict=True))
    assert (shown["Interviewers"], shown["Status"]) == ("吴磊", "Confirmed")


def test_the_admin_asks_for_confirmation_before_it_exports(lin_client, lin, campaign):
    selected = [make_candidate(campaign=campaign) for _ in range(2)]
    make_candidate(campaign=campaign)
    page = reverse("admin:jobs_candidate_changelist")
    form = {"action": "export", "_selected_action": [one.pk for one in selected]}
    response = lin_client.post(page, form)
    assert "2 candidates, with contacts and scores" in response.content.decode()
    assert not TaskRun.objects.exists(), "the export is not confirmed yet"
    lin_client.post(page, {**form, "format": "csv"})
    assert len(rows_of(deliver(TaskRun.objects.get()))) == 3


def test_the_admin_does_not_offer_exports_to_users_who_may_only_view(lin_client, lin, campaign):
    make_candidate(campaign=campaign)
    page = reverse("admin:jobs_candidate_changelist")
    option = '<option value="export"'
    assert option in lin_client.get(page).content.decode(), "the premise"
    for group in lin.groups.all():
        group.permissions.remove(*group.permissions.filter(codename="export"))
    shown = lin_client.get(page)
    assert shown.status_code == 200
    assert option not in shown.content.decode()
    form = {"action": "export", "_selected_action": [one.pk for one in campaign.candidates.all()]}
    lin_client.post(page, {**form, "format": "csv"})
    assert not TaskRun.objects.exists()


def test_the_admin_can_export_all_rows_of_a_list(lin_client, campaign):
    first, *_others = [make_candidate(campaign=campaign) for _ in range(3)]
    form = {"action": "export", "_selected_action": [first.pk], "select_across": "1"}
    lin_client.post(reverse("admin:jobs_candidate_changelist"), {**form, "format": "csv"})
    assert len(rows_of(deliver(TaskRun.objects.get()))) == 4


def test_an_interviewer_exports_no_scorecards_of_others_before_submitting_theirs(
    lin, wu, zhao, campaign
):
    lin.groups.add(Group.objects.get(name="interviewer"))
    due = make_interview(campaign=campaign, interviewers=[lin, wu], status="feedback_due")
    submitted = make_interview(campaign=campaign, interviewers=[lin, wu], status="feedback_due")
    watched = make_interview(campaign=campaign, interviewers=[wu], status="feedback_due")
    for interview in (due, submitted, watched):
        make_scorecard(interview=interview, interviewer=wu)
    make_scorecard(interview=submitted, interviewer=lin)
    rows = rows_of(deliver(export_start(what="scorecards", file_format="csv", filters={}, by=lin)))
    assert len(rows) - 1 == 3, "two of the submitted, one of the watched, none of the due interview"
    make_member(make_campaign(), zhao)
    for person in (lin, wu, zhao):
        for interview in Interview.objects.all():
            in_bulk = readable_scorecards(person).filter(interview=interview).exists()
            assert in_bulk == may_read_scorecard_content(person, interview)


def test_a_download_asks_again_for_the_right_to_export(subtests, lin_client, lin, campaign):
    candidate = make_candidate(campaign=campaign)
    groups = list(lin.groups.all())

    def exported():
        return deliver(export_start(what="candidates", file_format="csv", filters={}, by=lin))

    with subtests.test("with every right"):
        assert candidate.name.encode() in b"".join(lin_client.get(exported().result_url))
    with subtests.test("without the permission"):
        run = exported()
        lin.groups.clear()
        assert lin_client.get(run.result_url).status_code == 403
        lin.groups.set(groups)
    with subtests.test("after leaving the campaign"):
        run = exported()
        lin.campaign_memberships.all().delete()
        assert lin_client.get(run.result_url).status_code == 403
        make_member(campaign, lin)
        assert candidate.name.encode() in b"".join(lin_client.get(run.result_url))
    with subtests.test("after a person in it moved to a foreign campaign"):
        candidate.campaigns.set([make_campaign(slug="foreign")])
        assert lin_client.get(run.result_url).status_code == 403


def test_a_merge_keeps_the_right_to_the_file_and_an_erasure_still_finds_it(
    lin_client, lin, campaign
):
    kept, removed = make_candidate(campaign=campaign), make_candidate(campaign=campaign)
    run = deliver(export_start(what="candidates", file_format="csv", filters={}, by=lin))
    shown = digest_of(records_of(Candidate.objects.filter(pk__in=[kept.pk, removed.pk])))
    candidates_merge(kept=kept.pk, removed=removed.pk, fields_from_removed=[], shown=shown, by=lin)
    assert removed.name.encode() in b"".join(lin_client.get(run.result_url))
    candidates_anonymise(candidates=[kept.pk], by=lin)
    assert lin_client.get(reverse("task_result", args=[run.pk])).status_code == 404


def test_an_erasure_deletes_only_the_files_that_name_the_person(lin_client, lin, campaign):
    person, other = (make_application(campaign=campaign).candidate for _ in range(2))
    everybody = deliver(export_start(what="applications", file_format="csv", filters={}, by=lin))
    one = deliver(
        export_start(what="candidates", file_format="csv", filters={"ids": [other.pk]}, by=lin)
    )
    candidates_anonymise(candidates=[person.pk], by=lin)
    assert other.name.encode() in b"".join(lin_client.get(one.result_url))
    everybody.refresh_from_db()
    assert (everybody.result_url, bool(everybody.result_file)) == ("", False)
    assert "the data of a person in it were erased" in everybody.message


@pytest.mark.django_db(transaction=True)
def test_an_erasure_while_a_file_is_written_fails_the_export(lin, campaign, monkeypatch):
    """Interleaving: the row is written, the person is erased, the export ends."""
    candidate = make_candidate(campaign=campaign)
    record = contents.record

    def erase_first(*args, **kwargs):
        with ThreadPoolExecutor(1) as threads:
            threads.submit(_erase, candidate.pk).result(30)
        record(*args, **kwargs)

    monkeypatch.setattr(contents, "record", erase_first)
    run = deliver(export_start(what="candidates", file_format="csv", filters={}, by=lin))
    assert (run.state, bool(run.result_file)) == ("failed", False)
    assert "just erased" in run.message


def _erase(pk):
    try:
        candidates_anonymise(candidates=[pk], by=None)
    finally:
        connection.close()
