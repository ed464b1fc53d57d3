"""The import API: same importer and same refusals as the page."""

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from jobs.models import Candidate
from jobs.models.imports import ImportRun
from realtime.models import TaskRun
from tests.factories import make_campaign
from tests.people import signed_in
from tests.support.product.sample_tasks import deliver

pytestmark = pytest.mark.django_db

ADDRESS = "/api/v1/imports/"
COURSE_FILE = Path(__file__).parents[2] / "data" / "course_candidates.csv"
MIXED = "姓名,手机\n李小龙,18900003333\n坏人,12\n".encode()


@pytest.fixture(autouse=True)
def _uploads(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def lins(lin):
    return signed_in(Client(), lin)


def send(client, content=None, **asked):
    content = COURSE_FILE.read_bytes() if content is None else content
    file = SimpleUploadedFile("people.csv", content)
    return client.post(ADDRESS, {"file": file, **asked})


def work():
    """Runs the task of the only import, as a worker does."""
    deliver(ImportRun.objects.get().task)


def test_a_file_is_accepted_imported_by_a_worker_and_taken_back(lins, campaign):
    answer = send(lins, campaign="autumn")
    assert answer.status_code == 202
    assert answer.data["task"] == TaskRun.objects.get().pk
    work()
    run = lins.get(f"{ADDRESS}{answer.data['import']}/").data
    assert (run["state"], run["new"], run["campaign"]) == ("applied", 4, "autumn")
    assert campaign.candidates.count() == 4
    undone = lins.post(f"{ADDRESS}{answer.data['import']}/revert/")
    assert (undone.status_code, undone.data["removed"]) == (200, 4)
    assert Candidate.objects.count() == 0


def test_without_a_campaign_the_only_open_one_of_the_person_is_taken(lins, campaign):
    make_campaign()
    send(lins)
    assert ImportRun.objects.get().campaign == campaign


def test_a_dry_run_answers_with_a_finished_task_and_writes_no_candidate(lins):
    answer = send(lins, MIXED, dry_run="true")
    assert answer.status_code == 202
    task = TaskRun.objects.get()
    assert (task.state, task.errors) == ("succeeded", 1)
    run = lins.get(f"{ADDRESS}{answer.data['import']}/").data
    assert run["state"] == "checked"
    assert [(one["row"], one["column"], one["code"]) for one in run["problems"]] == [
        (3, "手机", "mobile")
    ]
    assert Candidate.objects.count() == 0


def test_what_a_dry_run_has_checked_can_be_applied(lins):
    run = send(lins, MIXED, dry_run="true").data["import"]
    assert lins.post(f"{ADDRESS}{run}/apply/", {}).status_code == 202
    work()
    assert Candidate.objects.get().name == "李小龙"


@pytest.mark.parametrize(
    "content", [b"", b"\x00\x01\x02", "姓名,城市\n李,北京\n".encode(), "姓名,手机\n坏,1\n".encode()]
)
def test_an_unusable_file_is_refused_at_the_field_and_leaves_nothing(lins, content):
    answer = send(lins, content)
    assert answer.status_code == 400
    assert answer.data["errors"]["file"]
    assert ImportRun.objects.count() == 0
    assert TaskRun.objects.count() == 0


def test_all_or_nothing_names_the_rows_that_stand_in_the_way(lins):
    answer = send(lins, MIXED, rows="all")
    assert answer.status_code == 400
    assert any("3" in reason for reason in answer.data["errors"]["file"])
    assert ImportRun.objects.count() == 0


@pytest.mark.parametrize(
    ("asked", "field"), [({"campaign": "foreign"}, "campaign"), ({"rows": "some"}, "rows")]
)
def test_a_wrong_field_is_named(lins, asked, field):
    make_campaign(slug="foreign")
    answer = send(lins, **asked)
    assert answer.status_code == 400
    assert set(answer.data["errors"]) == {field}
    assert ImportRun.objects.count() == 0


def test_only_an_import_that_was_carried_out_is_taken_back(lins):
    run = send(lins, dry_run="true").data["import"]
    assert lins.post(f"{ADDRESS}{run}/revert/").status_code == 400


@pytest.mark.parametrize("person", ["wu", "chen", "sun"])
def test_who_coordinates_nothing_is_refused(request, person):
    client = signed_in(Client(), request.getfixturevalue(person))
    assert client.get(ADDRESS).status_code == 403
    assert send(client).status_code == 403


def test_signed_out_one_is_refused():
    assert send(Client()).status_code in (401, 403)
    assert ImportRun.objects.count() == 0


def test_another_coordinators_import_does_not_exist(lins, wu):
    run = send(lins, campaign="autumn").data["import"]
    work()
    make_campaign().members.create(user=wu)
    wus = signed_in(Client(), wu)
    assert wus.get(ADDRESS).data["count"] == 0
    assert wus.get(f"{ADDRESS}{run}/").status_code == 404
    assert wus.post(f"{ADDRESS}{run}/revert/").status_code == 404
    assert Candidate.objects.count() == 4


def test_the_name_of_a_file_is_no_path(lins):
    file = SimpleUploadedFile("../../etc/passwd.csv", COURSE_FILE.read_bytes())
    lins.post(ADDRESS, {"file": file, "dry_run": "true"})
    run = ImportRun.objects.get()
    assert run.file_name == "passwd.csv"
    assert run.upload.name.startswith("imports/")
