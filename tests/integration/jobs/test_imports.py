"""Imports and reverts: no duplicates, all or nothing, no files left behind."""

from pathlib import Path

import pytest
from django.core.files.storage import default_storage

from jobs import tasks
from jobs.applications import services as application_services
from jobs.candidates import services as candidate_services
from jobs.imports import queue, runs, uploads
from jobs.imports.refusals import ImportRefused
from jobs.models import Campaign, Candidate, Job, PersonalSettings
from jobs.models.imports import ImportRun
from realtime.background import task_runs
from realtime.models import TaskRun
from tests.support.product.sample_tasks import deliver

pytestmark = pytest.mark.django_db

COURSE_FILE = Path(__file__).parents[2] / "data" / "course_candidates.csv"
MIXED = "姓名,手机,笔试成绩\n李小龙,18900003333,68\n坏,12,999\n李小龙,+86 18900003333,68\n"


@pytest.fixture(autouse=True)
def _uploads(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def checked(content, campaign=None, owner=None):
    content = content if isinstance(content, bytes) else content.encode()
    return runs.import_run_create(
        content=content, file_name="people.csv", campaign=campaign, owner=owner, has_all_rights=True
    )


def applied(content, campaign=None):
    return runs.import_run_apply(run=checked(content, campaign), has_all_rights=True)


def counts(run):
    return (run.new, run.known, run.repeated, run.bad)


def test_the_course_file_creates_four_candidates_in_the_campaign(campaign):
    run = applied(COURSE_FILE.read_bytes(), campaign)
    assert counts(run) == (4, 0, 0, 0)
    bruce = campaign.candidates.get(mobile="+8618900003333")
    assert (bruce.name, bruce.initials, bruce.written_score) == ("李小龙", "lxl", 68)
    assert campaign.candidates.count() == 4


def test_checking_a_file_creates_no_candidate(campaign):
    run = checked(COURSE_FILE.read_bytes(), campaign)
    assert counts(run) == (4, 0, 0, 0)
    assert Candidate.objects.count() == 0
    assert run.can_be_applied


def test_importing_the_same_file_again_changes_nothing(campaign):
    first = applied(COURSE_FILE.read_bytes(), campaign)
    before = list(Candidate.objects.order_by("pk").values())
    again = applied(COURSE_FILE.read_bytes(), campaign)
    assert counts(again) == (0, 4, 0, 0)
    assert (again.created_candidates, again.joined_candidates) == ([], [])
    assert list(Candidate.objects.order_by("pk").values()) == before
    assert first.sha256 == again.sha256


def test_an_existing_candidate_joins_the_campaign_and_keeps_their_values(campaign):
    bruce = candidate_services.candidate_create(name="李小龙", mobile="18900003333", city="香港")
    run = applied(COURSE_FILE.read_bytes(), campaign)
    assert counts(run) == (3, 1, 0, 0)
    bruce.refresh_from_db()
    assert bruce.city == "香港"
    assert campaign.candidates.filter(pk=bruce.pk).exists()


def test_valid_rows_are_imported_and_the_others_reported():
    run = applied(MIXED)
    assert counts(run) == (1, 0, 1, 1)
    assert [(problem.row, problem.column) for problem in run.problems] == [
        (3, "手机"),
        (3, "笔试成绩"),
    ]
    assert run.duplicates == [
        {"row": 4, "same_as": 2, "candidate": None, "name_differs": False, "fills": []}
    ]


def test_all_or_nothing_imports_no_row_if_one_is_invalid():
    run = checked(MIXED)
    run.rows = ImportRun.Rows.ALL
    run.save()
    with pytest.raises(ImportRefused) as refused:
        runs.import_run_apply(run=run, has_all_rights=True)
    assert refused.value.code == "bad_rows"
    assert Candidate.objects.count() == 0


def test_a_failure_during_an_import_leaves_nothing_behind(campaign):
    def fail(done):
        raise OSError("the disk is full")

    run = checked(COURSE_FILE.read_bytes(), campaign)
    with pytest.raises(OSError, match="disk is full"):
        runs.import_run_apply(run=run, on_progress=fail, has_all_rights=True)
    assert Candidate.objects.count() == 0
    run.refresh_from_db()
    assert run.state == ImportRun.State.CHECKED


def test_the_report_of_an_import_contains_no_personal_data():
    run = applied(MIXED)
    assert "李小龙" not in str(run.findings)
    assert "18900003333" not in str(run.findings)


def test_the_uploaded_file_is_deleted_after_the_import(django_capture_on_commit_callbacks):
    run = checked(COURSE_FILE.read_bytes())
    name = run.upload.name
    assert default_storage.exists(name)
    assert "people" not in name
    with django_capture_on_commit_callbacks(execute=True):
        run = runs.import_run_apply(run=run, has_all_rights=True)
    assert not default_storage.exists(name)
    assert not run.upload


def test_a_file_that_is_neither_imported_nor_discarded_is_deleted_after_a_day(
    django_capture_on_commit_callbacks,
):
    fresh, old = checked(COURSE_FILE.read_bytes()), checked(MIXED)
    ImportRun.objects.filter(pk=old.pk).update(created_at=old.created_at - uploads.UPLOADS_KEPT)
    with django_capture_on_commit_callbacks(execute=True):
        tasks.expire_uploads()
    assert default_storage.exists(fresh.upload.name)
    assert not default_storage.exists(old.upload.name)


def test_rejected_rows_are_kept_for_a_week(clock, django_capture_on_commit_callbacks):
    run = applied(MIXED)
    name = run.rejected.name
    tasks.expire_uploads()
    assert default_storage.exists(name)
    clock.shift(seconds=uploads.REJECTED_KEPT.total_seconds() + 1)
    with django_capture_on_commit_callbacks(execute=True):
        tasks.expire_uploads()
    assert not default_storage.exists(name)
    run.refresh_from_db()
    assert not run.rejected


def test_reverting_an_import_removes_only_the_candidates_it_created(campaign):
    known = candidate_services.candidate_create(name="李小龙", mobile="18900003333")
    run = applied(COURSE_FILE.read_bytes(), campaign)
    run, removed = runs.import_run_revert(run=run)
    assert removed == 3
    assert list(Candidate.objects.all()) == [known]
    assert campaign.candidates.count() == 0
    assert run.state == ImportRun.State.REVERTED


def test_a_revert_keeps_candidates_who_have_applied_or_joined_another_campaign(campaign, lin):
    run = applied(COURSE_FILE.read_bytes(), campaign)
    applicant, joined = campaign.candidates.order_by("pk")[:2]
    job = Job.objects.create(campaign=campaign, title="Backend")
    application_services.application_create(candidate=applicant, job=job, by=lin)
    spring = Campaign.objects.create(slug="spring", name="Spring")
    candidate_services.candidates_join(candidates=[joined], campaign=spring)
    assert runs.import_run_revert(run=run)[1] == 2
    assert set(Candidate.objects.all()) == {applicant, joined}
    assert list(campaign.candidates.all()) == [applicant]


def test_candidates_join_a_campaign_in_parts_and_only_new_ones_are_returned(campaign, monkeypatch):
    monkeypatch.setattr(candidate_services, "ROWS_A_STATEMENT", 2)
    five = [candidate_services.candidate_create(name=f"王{number}") for number in range(5)]
    candidate_services.candidates_join(candidates=five[1:2], campaign=campaign)
    joined = candidate_services.candidates_join(candidates=[*five, five[0].pk], campaign=campaign)
    assert joined == [one.pk for one in five if one != five[1]]
    assert set(campaign.candidates.all()) == set(five)


def test_an_import_is_reverted_only_once_and_only_if_it_was_applied():
    run = checked(COURSE_FILE.read_bytes())
    with pytest.raises(ImportRefused):
        runs.import_run_revert(run=run)
    run = runs.import_run_apply(run=run, has_all_rights=True)
    runs.import_run_revert(run=run)
    with pytest.raises(ImportRefused):
        runs.import_run_revert(run=run)


def test_importing_ten_thousand_rows_takes_at_most_60_queries(django_assert_max_num_queries):
    rows = "".join(f"李{n},1890000{n:04d},l{n}@example.com\n" for n in range(10_000))
    run = checked("姓名,手机,邮箱\n" + rows)
    with django_assert_max_num_queries(60):
        run = runs.import_run_apply(run=run, has_all_rights=True)
    assert counts(run) == (10_000, 0, 0, 0)


def test_the_task_of_an_import_reports_its_progress_and_result(campaign, lin):
    task = deliver(queued(checked(MIXED, campaign, lin), lin))
    assert (task.state, task.errors, task.done, task.total) == ("succeeded", 1, 3, 3)
    assert task.result_url.startswith("/imports/")
    assert ImportRun.objects.get().state == ImportRun.State.APPLIED


def test_a_task_delivered_twice_imports_once(campaign, lin):
    task = queued(checked(COURSE_FILE.read_bytes(), campaign, lin), lin)
    for _delivery in range(2):
        deliver(task)
    assert Candidate.objects.count() == 4
    assert len(ImportRun.objects.get().created_candidates) == 4


def test_a_cancelled_import_writes_nothing(campaign, lin):
    task = queued(checked(COURSE_FILE.read_bytes(), campaign, lin), lin)
    task_runs.request_cancel(task)
    assert ImportRun.objects.get().state == ImportRun.State.FAILED, "no worker has started it yet"
    assert deliver(task).state == TaskRun.State.CANCELLED
    assert Candidate.objects.count() == 0


def test_an_import_whose_file_is_missing_fails_with_a_message(campaign, lin):
    PersonalSettings.objects.create(user=lin, language="en")
    task = queued(checked(COURSE_FILE.read_bytes(), campaign, lin), lin)
    Path(ImportRun.objects.get().upload.path).unlink()
    message = "The uploaded file is missing on the server. Upload it again."
    assert (deliver(task).state, task.message) == ("failed", message)
    assert (ImportRun.objects.get().state, ImportRun.objects.get().message) == ("failed", message)


def test_an_import_is_queued_only_once(campaign, lin):
    run = checked(COURSE_FILE.read_bytes(), campaign, lin)
    queued(run, lin)
    with pytest.raises(ImportRefused):
        queued(run, lin)


def queued(run, owner):
    return queue.import_run_start(run=run, rows=ImportRun.Rows.VALID, by=owner)
