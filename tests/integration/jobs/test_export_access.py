"""Who may export, through the API, the pages and the admin."""

import csv
import io

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from interview.models import Interview
from interview.rules.permissions import may_read_scorecard_content, readable_scorecards
from jobs.exports.queue import export_start
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
def lins(lin):
    return signed_in(Client(headers={"accept-language": "en"}), lin)


def ask(client, **asked):
    return client.post(ADDRESS, asked, content_type="application/json")


def rows_of(run):
    assert run.state == "succeeded", run.message
    with run.result_file.open("rb") as file:
        return list(csv.reader(io.StringIO(file.read().decode("utf-8-sig"))))


def test_the_api_answers_with_a_task_whose_file_only_its_owner_can_fetch(lins, campaign, admin):
    make_candidate(campaign=campaign, name="李小龙")
    answer = ask(lins, what="candidates", format="csv", filter={"q": "lxl"})
    assert answer.status_code == 202
    run = deliver(TaskRun.objects.get(pk=answer.data["task"]))
    assert "李小龙".encode() in b"".join(lins.get(run.result_url))
    assert signed_in(Client(), admin).get(run.result_url).status_code in (403, 404)


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"what": "salaries"}, "what"),
        ({"what": "candidates", "format": "pdf"}, "format"),
        ({"what": "candidates", "filter": "all"}, "filter"),
        ({"what": "candidates", "filter": {"campaign": "foreign"}}, "campaign"),
        ({"what": "applications", "filter": {"stage": "lost"}}, "stage"),
        ({"what": "interviews", "filter": {"day": "soon"}}, "day"),
        ({"what": "scorecards", "filter": {"colour": "blue"}}, "colour"),
    ],
)
def test_what_cannot_be_exported_is_named_by_field(lins, asked, field):
    make_campaign(slug="foreign")
    answer = ask(lins, **asked)
    assert answer.status_code == 400
    assert list(answer.data["errors"]) == [field]
    assert not TaskRun.objects.exists()


@pytest.mark.parametrize("person", ["wu", "chen", "sun"])
def test_who_coordinates_nothing_is_refused_at_every_door(request, person):
    client = signed_in(Client(), request.getfixturevalue(person))
    assert ask(client, what="candidates").status_code == 403
    assert client.post(reverse("export"), {"what": "candidates"}).status_code == 403
    assert not TaskRun.objects.exists()


def test_a_coordinator_without_the_permission_is_refused_and_sees_no_button(lins, lin):
    page = reverse("candidates")
    assert reverse("export") in lins.get(page).content.decode()
    lin.groups.clear()
    assert reverse("export") not in lins.get(page).content.decode()
    assert ask(lins, what="candidates").status_code == 403


def test_the_button_of_a_page_exports_what_the_page_shows(lins, campaign):
    make_application(candidate=make_candidate(name="Ana Ruiz"), campaign=campaign)
    make_application(candidate=make_candidate(name="Bob Ray"), campaign=campaign)
    back = reverse("applications") + "?q=ana"
    assert 'value="ana"' in lins.get(back).content.decode()
    answer = lins.post(
        reverse("export"), {"what": "applications", "format": "csv", "q": "ana", "back": back}
    )
    assert answer["Location"] == back
    headings, row = rows_of(deliver(TaskRun.objects.get()))
    assert (headings[0], row[0], row[5]) == ("Candidate", "Ana Ruiz", "Applied")


def test_the_button_does_not_lead_away(lins):
    asked = {"what": "candidates", "format": "csv", "back": "https://elsewhere.example/"}
    assert lins.post(reverse("export"), asked)["Location"] == reverse("tasks")


def test_interviews_are_exported_in_names_and_words(lins, lin, wu, campaign):
    make_interview(campaign=campaign, interviewers=[wu], status="confirmed")
    make_interview()
    run = export_start(what="interviews", file_format="csv", filters={}, by=lin)
    headings, row = rows_of(deliver(run))
    shown = dict(zip(headings, row, strict=True))
    assert (shown["Interviewers"], shown["Status"]) == ("吴磊", "Confirmed")


def test_the_admin_says_what_it_will_export_and_then_does_it(lins, lin, campaign):
    chosen = [make_candidate(campaign=campaign) for _ in range(2)]
    make_candidate(campaign=campaign)
    page = reverse("admin:jobs_candidate_changelist")
    asked = {"action": "export", "_selected_action": [one.pk for one in chosen]}
    answer = lins.post(page, asked)
    assert "2 candidates, with contacts and scores" in answer.content.decode()
    assert not TaskRun.objects.exists(), "it has only said what it will do"
    lins.post(page, {**asked, "format": "csv"})
    assert len(rows_of(deliver(TaskRun.objects.get()))) == 3


def test_the_admin_does_not_export_for_who_may_only_look(lins, lin, campaign):
    make_candidate(campaign=campaign)
    page = reverse("admin:jobs_candidate_changelist")
    offered = '<option value="export"'
    assert offered in lins.get(page).content.decode(), "the premise"
    for group in lin.groups.all():
        group.permissions.remove(*group.permissions.filter(codename="export"))
    shown = lins.get(page)
    assert shown.status_code == 200
    assert offered not in shown.content.decode()
    asked = {"action": "export", "_selected_action": [one.pk for one in campaign.candidates.all()]}
    lins.post(page, {**asked, "format": "csv"})
    assert not TaskRun.objects.exists()


def test_the_admin_exports_a_whole_list_at_once(lins, campaign):
    first, *_others = [make_candidate(campaign=campaign) for _ in range(3)]
    asked = {"action": "export", "_selected_action": [first.pk], "select_across": "1"}
    lins.post(reverse("admin:jobs_candidate_changelist"), {**asked, "format": "csv"})
    assert len(rows_of(deliver(TaskRun.objects.get()))) == 4


def test_whoever_owes_a_scorecard_exports_nobody_elses(lin, wu, zhao, campaign):
    lin.groups.add(Group.objects.get(name="interviewer"))
    owing = make_interview(campaign=campaign, interviewers=[lin, wu], status="feedback_due")
    given = make_interview(campaign=campaign, interviewers=[lin, wu], status="feedback_due")
    watched = make_interview(campaign=campaign, interviewers=[wu], status="feedback_due")
    for interview in (owing, given, watched):
        make_scorecard(interview=interview, interviewer=wu)
    make_scorecard(interview=given, interviewer=lin)
    rows = rows_of(deliver(export_start(what="scorecards", file_format="csv", filters={}, by=lin)))
    assert len(rows) - 1 == 3, "two of the one given, one of the one watched, none of the one owed"
    make_member(make_campaign(), zhao)
    for person in (lin, wu, zhao):
        for interview in Interview.objects.all():
            many = readable_scorecards(person).filter(interview=interview).exists()
            assert many == may_read_scorecard_content(person, interview)
