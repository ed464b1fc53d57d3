"""The import API uses the same importer as the page and refuses the same files."""

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
def lin_client(lin):
    return signed_in(Client(), lin)


def send(client, content=None, **fields):
    content = COURSE_FILE.read_bytes() if content is None else content
    file = SimpleUploadedFile("people.csv", content)
    return client.post(ADDRESS, {"file": file, **fields})


def run_task():
    """Run the task of the only import as a worker does."""
    deliver(ImportRun.objects.get().task)


def test_a_file_is_imported_by_a_worker_and_reverted(lin_client, campaign):
    response = send(lin_client, campaign="autumn")
    assert response.status_code == 202
    assert response.data["task"] == TaskRun.objects.get().pk
    run_task()
    run = lin_client.get(f"{ADDRESS}{response.data['import']}/").data
    assert (run["state"], run["new"], run["campaign"]) == ("applied", 4, "autumn")
    assert campaign.candidates.count() == 4
    reverted = lin_client.post(f"{ADDRESS}{response.data['import']}/revert/")
    assert (reverted.status_code, reverted.data["removed"]) == (200, 4)
    assert Candidate.objects.count() == 0


def test_the_users_only_open_campaign_is_the_default(lin_client, campaign):
    make_campaign()
    send(lin_client)
    assert ImportRun.objects.get().campaign == campaign


def test_a_dry_run_returns_a_finished_task_and_creates_no_candidate(lin_client):
    response = send(lin_client, MIXED, dry_run="true")
    assert response.status_code == 202
    task = TaskRun.objects.get()
    assert (task.state, task.errors) == ("succeeded", 1)
    run = lin_client.get(f"{ADDRESS}{response.data['import']}/").data
    assert run["state"] == "checked"
    assert [(one["row"], one["column"], one["code"]) for one in run["problems"]] == [
        (3, "手机", "mobile")
    ]
    assert Candidate.objects.count() == 0


def test_a_dry_run_can_be_applied_afterwards(lin_client):
    run = send(lin_client, MIXED, dry_run="true").data["import"]
    assert lin_client.post(f"{ADDRESS}{run}/apply/", {}).status_code == 202
    run_task()
    assert Candidate.objects.get().name == "李小龙"


@pytest.mark.parametrize(
    "content", [b"", b"\x00\x01\x02", "姓名,城市\n李,北京\n".encode(), "姓名,手机\n坏,1\n".encode()]
)
def test_an_unusable_file_is_refused_at_its_field_and_nothing_is_stored(lin_client, content):
    response = send(lin_client, content)
    assert response.status_code == 400
    assert response.data["errors"]["file"]
    assert ImportRun.objects.count() == 0
    assert TaskRun.objects.count() == 0


def test_all_or_nothing_reports_the_rows_with_problems(lin_client):
    response = send(lin_client, MIXED, rows="all")
    assert response.status_code == 400
    assert any("3" in reason for reason in response.data["errors"]["file"])
    assert ImportRun.objects.count() == 0


@pytest.mark.parametrize(
    ("fields", "field"), [({"campaign": "foreign"}, "campaign"), ({"rows": "some"}, "rows")]
)
def test_an_invalid_field_is_reported_by_name(lin_client, fields, field):
    make_campaign(slug="foreign")
    response = send(lin_client, **fields)
    assert response.status_code == 400
    assert set(response.data["errors"]) == {field}
    assert ImportRun.objects.count() == 0


def test_only_an_applied_import_can_be_reverted(lin_client):
    run = send(lin_client, dry_run="true").data["import"]
    assert lin_client.post(f"{ADDRESS}{run}/revert/").status_code == 400


@pytest.mark.parametrize("person", ["wu", "chen", "sun"])
def test_only_coordinators_may_import(request, person):
    client = signed_in(Client(), request.getfixturevalue(person))
    assert client.get(ADDRESS).status_code == 403
    assert send(client).status_code == 403


def test_importing_requires_sign_in():
    assert send(Client()).status_code in (401, 403)
    assert ImportRun.objects.count() == 0


def test_imports_of_another_campaign_are_not_found(lin_client, wu):
    run = send(lin_client, campaign="autumn").data["import"]
    run_task()
    make_campaign().members.create(user=wu)
    wu_client = signed_in(Client(), wu)
    assert wu_client.get(ADDRESS).data["count"] == 0
    assert wu_client.get(f"{ADDRESS}{run}/").status_code == 404
    assert wu_client.post(f"{ADDRESS}{run}/revert/").status_code == 404
    assert Candidate.objects.count() == 4


def test_a_file_name_with_a_path_is_reduced_to_its_last_part(lin_client):
    file = SimpleUploadedFile("../../etc/passwd.csv", COURSE_FILE.read_bytes())
    lin_client.post(ADDRESS, {"file": file, "dry_run": "true"})
    run = ImportRun.objects.get()
    assert run.file_name == "passwd.csv"
    assert run.upload.name.startswith("imports/")
