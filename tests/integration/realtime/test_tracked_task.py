"""Executing task runs: each ends exactly once, with a readable message, whatever happens."""

from __future__ import annotations

import json
from functools import partial
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
import redis
from celery import signals
from django.conf import settings
from django.contrib.auth.models import Group, User
from django.core.exceptions import ObjectDoesNotExist
from django.db import IntegrityError, OperationalError, transaction
from django.test import Client, TestCase
from django.utils import timezone, translation

from interview.live.rows import notice_row
from interview.models import Notification
from realtime.background import (
    celery_signals,
    progress,
    recovery,
    task_context,
    task_runs,
    tracked_tasks,
)
from realtime.background.execution import execute_run
from realtime.models import TaskRun
from tests.people import signed_in
from tests.support.product import sample_tasks
from tests.support.product.sample_tasks import deliver

pytestmark = pytest.mark.django_db


def start(
    task: tracked_tasks.TrackedTask,
    *arguments: object,
    owner: User | None = None,
    **options: object,
):
    return tracked_tasks.start(task, *arguments, title="Some work", owner=owner, **options)


def groups() -> list[str]:
    return sorted(Group.objects.filter(name__startswith="g").values_list("name", flat=True))


def test_a_task_runs_to_its_end_and_reports_its_result(lin: User) -> None:
    run = start(sample_tasks.make_groups, ["g1", "g2"], owner=lin)
    assert (run.state, run.queue) == ("queued", "bulk")
    deliver(run)
    assert (run.state, run.done, run.total, run.message) == ("succeeded", 2, 2, "Made")
    assert (run.result_url, run.deliveries) == ("/groups/", 1)
    assert groups() == ["g1", "g2"]


def test_a_message_delivered_twice_is_executed_once() -> None:
    run = start(sample_tasks.make_groups, ["g1"])
    first = deliver(run).version
    assert deliver(run).version == first
    assert groups() == ["g1"]


def test_a_failed_task_gives_its_reason_and_is_rolled_back() -> None:
    run = deliver(start(sample_tasks.refuse))
    assert (run.state, run.message, run.errors) == ("failed", "There is no room.", 3)
    assert not Group.objects.filter(name="half done").exists()


def test_a_cancelled_run_is_rolled_back() -> None:
    run = start(sample_tasks.make_groups, ["g1"], can_cancel=True)
    task_runs.mark_started(run)
    task_runs.request_cancel(run)
    deliver(run)
    assert (run.state, run.message) == ("cancelled", "Stopped. Nothing was changed.")
    assert groups() == []


def test_one_idempotency_key_of_a_person_starts_one_run(lin: User, wu: User) -> None:
    runs = [
        start(sample_tasks.refuse, owner=owner, idempotency_key="again") for owner in (lin, lin, wu)
    ]
    assert runs[0] == runs[1] != runs[2]
    assert TaskRun.objects.count() == 2


def test_a_task_about_a_deleted_record_fails_with_a_reason(tmp_path: Path) -> None:
    """The exception is also raised to the worker, for its log."""
    for gone, reason in {
        "no such group": "A record that this task needs no longer exists.",
        str(tmp_path / "no such file"): "A file that this task needs no longer exists.",
    }.items():
        run = start(sample_tasks.look_for, gone)
        with pytest.raises((ObjectDoesNotExist, FileNotFoundError)):
            deliver(run)
        run.refresh_from_db()
        assert (run.state, run.message) == ("failed", f"{reason} Nothing was changed.")


def test_a_task_that_lost_the_database_says_so_and_succeeds_when_resent() -> None:
    run = start(sample_tasks.lose_database)
    with pytest.raises(OperationalError):
        deliver(run)
    run.refresh_from_db()
    message = "Interrupted. The task will be tried again."
    assert (run.state, run.message, groups()) == ("running", message, [])
    assert (deliver(run).state, run.message, run.deliveries) == ("succeeded", "Made", 2)
    assert groups() == ["g1"]


def test_a_message_about_a_deleted_run_does_nothing() -> None:
    run = start(sample_tasks.make_groups, ["g1"])
    execute_run(sample_tasks.make_groups, uuid4())
    run.delete()
    execute_run(sample_tasks.make_groups, run.pk or uuid4())
    assert groups() == []


def test_an_ended_run_never_changes_again(lin: User) -> None:
    run = deliver(start(sample_tasks.make_groups, ["g1"], owner=lin))
    before = TaskRun.objects.values().get()
    again = TaskRun.objects.get()
    assert not any(
        (
            task_runs.mark_started(again),
            task_runs.mark_interrupted(again, message="no"),
            task_runs.mark_succeeded(again),
            task_runs.mark_failed(again, message="no"),
            task_runs.mark_cancelled(again),
            task_runs.request_cancel(again),
        )
    )
    assert TaskRun.objects.values().get() == before
    assert run.version == before["version"]


def test_the_owner_is_notified_once_in_their_language_when_a_run_ends(lin: User) -> None:
    run = start(sample_tasks.refuse, owner=lin)
    for _delivery in range(2):
        deliver(run)
    [notice] = Notification.objects.all()
    row = notice_row(notice)
    assert (row["text"], row["url"]) == ("Some work：失败。", "/tasks/")
    assert (notice.recipient, notice.event) == (lin, "task_finished")


def test_cancelling_your_own_task_sends_no_notification(lin: User) -> None:
    task_runs.request_cancel(start(sample_tasks.refuse, owner=lin, can_cancel=True))
    assert not Notification.objects.exists()


def test_a_result_file_is_served_to_its_owner_until_it_expires(
    lin: User, chen: User, settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    run = deliver(start(sample_tasks.write_file, "王,12", owner=lin))
    assert run.result_url == f"/tasks/{run.pk}/result/"
    assert signed_in(Client(), chen).get(run.result_url).status_code == 404
    assert Client().get(run.result_url).status_code == 302
    mine = signed_in(Client(), lin)
    response = mine.get(run.result_url)
    assert b"".join(response.streaming_content).decode() == "王,12"
    assert response["Content-Disposition"] == 'attachment; filename="people.csv"'
    stored = Path(run.result_file.path)
    assert recovery.expire_results(timezone.now()) == 0
    with TestCase.captureOnCommitCallbacks(execute=True):
        assert recovery.expire_results(timezone.now() + recovery.RESULTS_KEPT) == 1
    assert not stored.exists()
    assert mine.get(f"/tasks/{run.pk}/result/").status_code == 404
    run.refresh_from_db()
    assert run.message == "Written The file was deleted after 7 days."
    assert run.result_url == ""


def test_the_sweep_fails_runs_of_tasks_that_no_longer_exist() -> None:
    run = start(sample_tasks.refuse)
    run.task = "jobs.tasks.of_old"
    run.save()
    recovery.resend_lost_runs(timezone.now() + recovery.SEND_GRACE)
    run.refresh_from_db()
    message = "This version of the site does not know this kind of task."
    assert (run.state, run.message) == ("failed", message)


def test_a_task_revoked_by_operations_ends_as_cancelled() -> None:
    run = start(sample_tasks.make_groups, ["g1"])
    task_runs.mark_started(run)
    signals.task_revoked.send(sample_tasks.make_groups, request=SimpleNamespace(id=str(run.pk)))
    run.refresh_from_db()
    assert (run.state, run.message) == ("cancelled", "Stopped by operations.")


@pytest.mark.parametrize("lost", celery_signals.PROCESS_LOST_ERRORS)
def test_a_run_whose_process_died_says_that_it_restarts(lost: type[Exception]) -> None:
    run = start(sample_tasks.make_groups, ["g1", "g2"])
    task_runs.mark_started(run, total=2)
    signals.task_failure.send(
        sample_tasks.make_groups, task_id=str(run.pk), exception=lost("killed")
    )
    run.refresh_from_db()
    message = "The worker process was lost. The task will start again."
    assert (run.state, run.message, run.total) == ("running", message, 2)
    assert deliver(run).message == "Made"


def test_a_message_dropped_by_an_old_worker_counts_as_unsent() -> None:
    """So the next sweep sends it, instead of a sweep fifteen minutes later."""
    run = start(sample_tasks.make_groups, ["g1"])
    run.sent_at = timezone.now()
    run.save()
    signals.task_unknown.send(None, name=run.task, id=str(run.pk))
    run.refresh_from_db()
    assert run.sent_at is None


def test_the_database_enforces_unique_idempotency_keys() -> None:
    """Of two concurrent requests both find no existing run."""
    first = start(sample_tasks.refuse, idempotency_key="again")
    with pytest.raises(IntegrityError, match="a_key_names_one_run"), transaction.atomic():
        task_runs.task_run_create(
            name="test", title="Again", owner=None, idempotency_key=first.idempotency_key
        )


def test_progress_is_published_a_few_times_a_second_with_rate_and_eta(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One row every 50 ms, by a clock that only this test moves."""
    run = start(sample_tasks.make_groups, ["g1"])
    task_runs.mark_started(run, total=200)
    moments = count(100)
    monkeypatch.setattr(task_context, "time", SimpleNamespace(monotonic=lambda: next(moments) / 20))
    with redis.Redis.from_url(settings.REDIS_URL) as server, server.pubsub() as channel:
        channel.subscribe(progress.channel())
        channel.get_message(timeout=5)  # the confirmation
        context = task_context.TaskContext(run)
        for done in range(1, 101):
            context.report_progress(done)
        rows = [
            json.loads(one["data"])["row"]
            for one in iter(partial(channel.get_message, timeout=1), None)
        ]
    assert 20 <= len(rows) <= 26, "not one row for each of the hundred steps"
    assert {row["rate"] for row in rows} == {20}
    assert [row["eta_seconds"] for row in rows] == [round((200 - row["done"]) / 20) for row in rows]


def test_messages_of_a_run_are_in_its_own_language(lin: User) -> None:
    with translation.override("zh-hans"):
        run = start(sample_tasks.make_groups, ["g1"], can_cancel=True)
    task_runs.mark_started(run)
    task_runs.request_cancel(run)
    assert deliver(run).message == "已停止。没有任何改动。"
