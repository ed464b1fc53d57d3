"""Files too long for a request: a worker checks them while the page shows the progress."""

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
JUST_SHORT = "\n".join(LINES).encode()
LONG = "\n".join([*LINES, "坏人,12,北京", "李0,18900000000,上海"]).encode()


@pytest.fixture(autouse=True)
def _uploads(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def lins(lin):
    PersonalSettings.objects.create(user=lin, language="en")
    return signed_in(Client(headers={"accept-language": "en"}), lin)


def the_run():
    return ImportRun.objects.get()


def upload(client, content=LONG):
    """Uploads a file and returns the address of its import."""
    file = SimpleUploadedFile("people.csv", content)
    answer = client.post(reverse("imports"), {"file": file, "campaign": "autumn"})
    assert answer.status_code == 302, answer.content.decode()
    return answer["Location"]


def send(client, content=LONG, **asked):
    return client.post(ADDRESS, {"file": SimpleUploadedFile("a.csv", content), **asked})


def counts(run):
    return (run.new, run.known, run.repeated, run.bad)


def test_a_file_of_one_step_is_checked_at_once(lins, campaign):
    page = upload(lins, JUST_SHORT)
    assert counts(the_run()) == (ROWS, 0, 0, 0)
    assert not TaskRun.objects.exists()
    assert f"Import all {ROWS:,} rows" in lins.get(page).content.decode()


def test_a_longer_one_is_checked_by_a_worker_and_then_decided_about(lins, campaign):
    page = upload(lins)
    assert (the_run().state, counts(the_run())) == ("checking", (0, 0, 0, 0))
    waiting = lins.get(page).content.decode()
    assert "Waiting for a worker" in waiting
    assert 'value="apply"' not in waiting, "nobody can apply a file before its check is shown"
    task = deliver(the_run().task)
    assert (task.state, task.errors, task.result_url) == ("succeeded", 1, page)
    assert (task.done, task.total) == (ROWS + 2, ROWS + 2)
    assert (the_run().state, counts(the_run())) == ("checked", (ROWS, 0, 1, 1))
    assert f"Import the {ROWS + 1:,} valid rows" in lins.get(page).content.decode()
    lins.post(page, {"do": "apply"})
    deliver(the_run().task)
    assert the_run().state == "applied"
    assert campaign.candidates.count() == ROWS


def test_while_it_is_checked_every_button_says_so_and_does_nothing(lins, campaign):
    page = upload(lins)
    for button in ("apply", "read", "discard"):
        answer = lins.post(page, {"do": button}, follow=True)
        assert "still being checked" in answer.content.decode(), button
    assert the_run().state == "checking"
    assert TaskRun.objects.count() == 1


def test_reading_it_otherwise_is_a_worker_s_too(lins, campaign):
    page = upload(lins)
    deliver(the_run().task)
    lins.post(page, {"do": "read", "column": ["name", "mobile", "city"]})
    assert the_run().state == "checking"
    assert not the_run().rejected, "of the check before"
    deliver(the_run().task)
    assert (the_run().state, counts(the_run())) == ("checked", (ROWS, 0, 1, 1))
    assert the_run().read_options.columns == ("name", "mobile", "city")


def test_what_is_wrong_far_down_is_told_in_words(lins, campaign):
    page = upload(lins, LONG + '\n"open,18600001111,北京'.encode())
    task = deliver(the_run().task)
    assert task.state == "failed"
    run = the_run()
    assert run.state == "failed"
    assert run.message == task.message
    assert "quotation mark" in run.message
    assert run.message in lins.get(page).content.decode()
    assert not run.upload


def test_a_check_that_is_cancelled_forgets_the_file(
    lins, campaign, django_capture_on_commit_callbacks
):
    upload(lins)
    name = the_run().upload.name
    with django_capture_on_commit_callbacks(execute=True):
        task_runs.request_cancel(the_run().task)
        deliver(the_run().task)
    assert the_run().state == "failed"
    assert not default_storage.exists(name)


def test_a_message_that_comes_twice_checks_once(lins, campaign):
    upload(lins)
    task = the_run().task
    deliver(task)
    found = ImportRun.objects.values().get()
    deliver(task)
    assert ImportRun.objects.values().get() == found


def test_rows_with_problems_are_kept_from_the_check_and_forgotten_with_the_file(
    lins, campaign, django_capture_on_commit_callbacks
):
    page = upload(lins)
    deliver(the_run().task)
    assert "12" in b"".join(lins.get(f"{page}rejected/")).decode()
    names = (the_run().upload.name, the_run().rejected.name)
    old = the_run().created_at - uploads.UPLOADS_KEPT
    ImportRun.objects.update(created_at=old)
    with django_capture_on_commit_callbacks(execute=True):
        tasks.expire_uploads()
    assert not any(map(default_storage.exists, names))
    assert lins.get(f"{page}rejected/").status_code == 404


def test_over_the_api_a_dry_run_is_a_task_that_checks(lins, campaign):
    answer = send(lins, dry_run="true")
    assert answer.status_code == 202
    assert lins.get(f"{ADDRESS}{answer.data['import']}/").data["state"] == "checking"
    refused = lins.post(f"{ADDRESS}{answer.data['import']}/apply/", {})
    assert refused.status_code == 400
    deliver(TaskRun.objects.get(pk=answer.data["task"]))
    run = lins.get(f"{ADDRESS}{answer.data['import']}/").data
    assert (run["state"], run["new"], run["bad"]) == ("checked", ROWS, 1)
    assert lins.post(f"{ADDRESS}{answer.data['import']}/apply/", {}).status_code == 202


def test_over_the_api_one_task_checks_and_imports(lins, campaign):
    answer = send(lins, campaign="autumn")
    assert answer.status_code == 202
    task = deliver(TaskRun.objects.get())
    assert task.total == ROWS + 2
    assert (the_run().state, Candidate.objects.count()) == ("applied", ROWS)


def test_all_or_nothing_is_refused_by_the_worker_that_finds_the_problem(lins, campaign):
    send(lins, rows="all")
    task = deliver(TaskRun.objects.get())
    assert (task.state, the_run().state) == ("failed", "failed")
    assert "Nothing was imported" in task.message
    assert not Candidate.objects.exists()
