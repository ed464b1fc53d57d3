"""Files too long to check within a request: a worker checks them, the page shows progress."""

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from jobs import tasks
from jobs.imports import plan, uploads
from jobs.models import Candidate, PersonalSettings
from jobs.models.imports import ImportRun
from realtime.background import task_runs
from realtime.models import TaskRun
from tests.people import signed_in
from tests.support.product.sample_tasks import deliver

pytestmark = pytest.mark.django_db

ADDRESS = "/api/v1/imports/"
ROWS = plan.ROWS_A_STEP
LINES = ["姓名,手机,Town", *(f"李{n},1890000{n:04d},北京" for n in range(ROWS))]
SHORT = "\n".join(LINES).encode()
LONG = "\n".join([*LINES, "坏人,12,北京", "李0,18900000000,上海"]).encode()


@pytest.fixture(autouse=True)
def _uploads(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def lin_client(lin):
    PersonalSettings.objects.create(user=lin, language="en")
    return signed_in(Client(headers={"accept-language": "en"}), lin)


def only_run():
    return ImportRun.objects.get()


def upload(client, content=LONG):
    """Upload a file and return the address of its import."""
    file = SimpleUploadedFile("people.csv", content)
    response = client.post(reverse("imports"), {"file": file, "campaign": "autumn"})
    assert response.status_code == 302, response.content.decode()
    return response["Location"]


def send(client, content=LONG, **fields):
    return client.post(ADDRESS, {"file": SimpleUploadedFile("a.csv", content), **fields})


def counts(run):
    return (run.new, run.known, run.repeated, run.bad)


def test_a_short_file_is_checked_within_the_request(lin_client, campaign):
    page = upload(lin_client, SHORT)
    assert counts(only_run()) == (ROWS, 0, 0, 0)
    assert not TaskRun.objects.exists()
    assert f"Import {ROWS:,} candidates" in lin_client.get(page).content.decode()


def test_a_long_file_is_checked_by_a_worker_before_it_can_be_imported(lin_client, campaign):
    page = upload(lin_client)
    assert (only_run().state, counts(only_run())) == ("checking", (0, 0, 0, 0))
    waiting = lin_client.get(page).content.decode()
    assert "Waiting for a worker" in waiting
    assert 'value="apply"' not in waiting, "a file cannot be imported before its check is shown"
    task = deliver(only_run().task)
    assert (task.state, task.errors, task.result_url) == ("succeeded", 1, page)
    assert (task.done, task.total) == (ROWS + 2, ROWS + 2)
    assert (only_run().state, counts(only_run())) == ("checked", (ROWS, 0, 1, 1))
    assert f"Import {ROWS:,} candidates" in lin_client.get(page).content.decode()
    lin_client.post(page, {"do": "apply"})
    deliver(only_run().task)
    assert only_run().state == "applied"
    assert campaign.candidates.count() == ROWS


def test_during_the_check_every_button_only_reports_that_it_is_running(lin_client, campaign):
    page = upload(lin_client)
    for button in ("apply", "read", "discard"):
        response = lin_client.post(page, {"do": button}, follow=True)
        assert "still being checked" in response.content.decode(), button
    assert only_run().state == "checking"
    assert TaskRun.objects.count() == 1


def test_reading_a_long_file_with_other_options_is_also_done_by_a_worker(lin_client, campaign):
    page = upload(lin_client)
    deliver(only_run().task)
    lin_client.post(page, {"do": "read", "column": ["name", "mobile", "city"]})
    assert only_run().state == "checking"
    assert not only_run().rejected, "the rows rejected by the previous check are deleted"
    deliver(only_run().task)
    assert (only_run().state, counts(only_run())) == ("checked", (ROWS, 0, 1, 1))
    assert only_run().read_options.columns == ("name", "mobile", "city")


def test_an_error_far_down_in_the_file_fails_the_check_with_a_message(lin_client, campaign):
    page = upload(lin_client, LONG + '\n"open,18600001111,北京'.encode())
    task = deliver(only_run().task)
    assert task.state == "failed"
    run = only_run()
    assert run.state == "failed"
    assert run.message == task.message
    assert "quotation mark" in run.message
    assert run.message in lin_client.get(page).content.decode()
    assert not run.upload


def test_cancelling_a_check_deletes_the_file(
    lin_client, campaign, django_capture_on_commit_callbacks
):
    upload(lin_client)
    name = only_run().upload.name
    with django_capture_on_commit_callbacks(execute=True):
        task_runs.request_cancel(only_run().task)
        deliver(only_run().task)
    assert only_run().state == "failed"
    assert not default_storage.exists(name)


def test_a_check_delivered_twice_runs_once(lin_client, campaign):
    upload(lin_client)
    task = only_run().task
    deliver(task)
    found = ImportRun.objects.values().get()
    deliver(task)
    assert ImportRun.objects.values().get() == found


def test_rejected_rows_are_stored_by_the_check_and_deleted_with_the_file(
    lin_client, campaign, django_capture_on_commit_callbacks
):
    page = upload(lin_client)
    deliver(only_run().task)
    assert "12" in b"".join(lin_client.get(f"{page}rejected/")).decode()
    names = (only_run().upload.name, only_run().rejected.name)
    old = only_run().created_at - uploads.UPLOADS_KEPT
    ImportRun.objects.update(created_at=old)
    with django_capture_on_commit_callbacks(execute=True):
        tasks.expire_uploads()
    assert not any(map(default_storage.exists, names))
    assert lin_client.get(f"{page}rejected/").status_code == 404


def test_a_dry_run_over_the_api_is_a_task_that_checks_the_file(lin_client, campaign):
    response = send(lin_client, dry_run="true")
    assert response.status_code == 202
    assert lin_client.get(f"{ADDRESS}{response.data['import']}/").data["state"] == "checking"
    refused = lin_client.post(f"{ADDRESS}{response.data['import']}/apply/", {})
    assert refused.status_code == 400
    deliver(TaskRun.objects.get(pk=response.data["task"]))
    run = lin_client.get(f"{ADDRESS}{response.data['import']}/").data
    assert (run["state"], run["new"], run["bad"]) == ("checked", ROWS, 1)
    assert lin_client.post(f"{ADDRESS}{response.data['import']}/apply/", {}).status_code == 202


def test_an_import_over_the_api_is_one_task_that_checks_and_imports(lin_client, campaign):
    response = send(lin_client, campaign="autumn")
    assert response.status_code == 202
    task = deliver(TaskRun.objects.get())
    assert task.total == ROWS + 2
    assert (only_run().state, Candidate.objects.count()) == ("applied", ROWS)


def test_all_or_nothing_fails_in_the_worker_that_finds_a_problem(lin_client, campaign):
    send(lin_client, rows="all")
    task = deliver(TaskRun.objects.get())
    assert (task.state, only_run().state) == ("failed", "failed")
    assert "Nothing was imported" in task.message
    assert not Candidate.objects.exists()
