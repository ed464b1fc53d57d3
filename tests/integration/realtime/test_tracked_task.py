"""Background work in a worker's hands: one end each, in words, whatever happens on the way."""

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
from tests.support import sample_tasks
from tests.support.sample_tasks import deliver

pytestmark = pytest.mark.django_db


def start(
    task: tracked_tasks.TrackedTask, *arguments: object, owner: User | None = None, **asked: object
):
    return tracked_tasks.start(task, *arguments, title="Some work", owner=owner, **asked)


def groups() -> list[str]:
    return sorted(Group.objects.filter(name__startswith="g").values_list("name", flat=True))


def test_work_runs_to_its_end_and_says_what_came_of_it(lin: User) -> None:
    run = start(sample_tasks.make_groups, ["g1", "g2"], owner=lin)
    assert (run.state, run.queue) == ("queued", "bulk")
    deliver(run)
    assert (run.state, run.done, run.total, run.message) == ("succeeded", 2, 2, "Made")
    assert (run.result_url, run.deliveries) == ("/groups/", 1)
    assert groups() == ["g1", "g2"]


def test_a_message_that_comes_twice_does_nothing_the_second_time() -> None:
    run = start(sample_tasks.make_groups, ["g1"])
    first = deliver(run).version
    assert deliver(run).version == first
    assert groups() == ["g1"]


def test_refused_work_fails_in_words_and_leaves_nothing_half_done() -> None:
    run = deliver(start(sample_tasks.refuse))
    assert (run.state, run.message, run.errors) == ("failed", "There is no room.", 3)
    assert not Group.objects.filter(name="half done").exists()


def test_a_cancelled_run_rolls_back_what_it_did() -> None:
    run = start(sample_tasks.make_groups, ["g1"], can_cancel=True)
    task_runs.mark_started(run)
    task_runs.request_cancel(run)
    deliver(run)
    assert (run.state, run.message) == ("cancelled", "Stopped. Nothing was changed.")
    assert groups() == []


def test_the_same_key_of_the_same_person_starts_one_run(lin: User, wu: User) -> None:
    runs = [
        start(sample_tasks.refuse, owner=owner, idempotency_key="again") for owner in (lin, lin, wu)
    ]
    assert runs[0] == runs[1] != runs[2]
    assert TaskRun.objects.count() == 2


def test_work_about_something_that_is_gone_fails_in_words(tmp_path: Path) -> None:
    """Each time the worker is told as well, for its log."""
    for gone, reason in {
        "no such group": "A record that this task needs no longer exists.",
        str(tmp_path / "no such file"): "A file that this task needs no longer exists.",
    }.items():
        run = start(sample_tasks.look_for, gone)
        with pytest.raises((ObjectDoesNotExist, FileNotFoundError)):
            deliver(run)
        run.refresh_from_db()
        assert (run.state, run.message) == ("failed", f"{reason} Nothing was changed.")


def test_work_that_lost_its_database_says_so_and_is_done_when_it_is_sent_again() -> None:
    run = start(sample_tasks.lose_database)
    with pytest.raises(OperationalError):
        deliver(run)
    run.refresh_from_db()
    told = "Interrupted. The task will be tried again."
    assert (run.state, run.message, groups()) == ("running", told, [])
    assert (deliver(run).state, run.message, run.deliveries) == ("succeeded", "Made", 2)
    assert groups() == ["g1"]


def test_a_message_about_a_run_that_is_gone_does_nothing() -> None:
    run = start(sample_tasks.make_groups, ["g1"])
    execute_run(sample_tasks.make_groups, uuid4())
    run.delete()
    execute_run(sample_tasks.make_groups, run.pk or uuid4())
    assert groups() == []


def test_what_has_ended_never_changes_again(lin: User) -> None:
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


def test_its_end_is_told_once_to_who_started_it_in_his_language(lin: User) -> None:
    run = start(sample_tasks.refuse, owner=lin)
    for _delivery in range(2):
        deliver(run)
    [notice] = Notification.objects.all()
    row = notice_row(notice)
    assert (row["text"], row["url"]) == ("Some work：失败。", "/tasks/")
    assert (notice.recipient, notice.event) == (lin, "task_finished")


def test_who_stops_his_own_work_is_not_told_of_it(lin: User) -> None:
    task_runs.request_cancel(start(sample_tasks.refuse, owner=lin, can_cancel=True))
    assert not Notification.objects.exists()


def test_a_result_is_for_its_owner_alone_and_for_a_while(
    lin: User, chen: User, settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    run = deliver(start(sample_tasks.write_file, "王,12", owner=lin))
    assert run.result_url == f"/tasks/{run.pk}/result/"
    assert signed_in(Client(), chen).get(run.result_url).status_code == 404
    assert Client().get(run.result_url).status_code == 302
    mine = signed_in(Client(), lin)
    answer = mine.get(run.result_url)
    assert b"".join(answer.streaming_content).decode() == "王,12"
    assert answer["Content-Disposition"] == 'attachment; filename="people.csv"'
    stored = Path(run.result_file.path)
    assert recovery.expire_results(timezone.now()) == 0
    with TestCase.captureOnCommitCallbacks(execute=True):
        assert recovery.expire_results(timezone.now() + recovery.RESULTS_KEPT) == 1
    assert not stored.exists()
    assert mine.get(f"/tasks/{run.pk}/result/").status_code == 404
    run.refresh_from_db()
    assert run.message == "Written The file was deleted after 7 days."
    assert run.result_url == ""


def test_work_that_its_version_does_not_know_is_given_up_by_the_sweep() -> None:
    run = start(sample_tasks.refuse)
    run.task = "jobs.tasks.of_old"
    run.save()
    recovery.resend_lost_runs(timezone.now() + recovery.SEND_GRACE)
    run.refresh_from_db()
    told = "This version of the site does not know this kind of task."
    assert (run.state, run.message) == ("failed", told)


def test_what_operations_revoke_ends_as_cancelled() -> None:
    run = start(sample_tasks.make_groups, ["g1"])
    task_runs.mark_started(run)
    signals.task_revoked.send(sample_tasks.make_groups, request=SimpleNamespace(id=str(run.pk)))
    run.refresh_from_db()
    assert (run.state, run.message) == ("cancelled", "Stopped by operations.")


@pytest.mark.parametrize("lost", celery_signals.PROCESS_LOST_ERRORS)
def test_a_run_whose_process_died_says_that_it_is_begun_again(lost: type[Exception]) -> None:
    run = start(sample_tasks.make_groups, ["g1", "g2"])
    task_runs.mark_started(run, total=2)
    signals.task_failure.send(
        sample_tasks.make_groups, task_id=str(run.pk), exception=lost("killed")
    )
    run.refresh_from_db()
    told = "The worker process was lost. The task will start again."
    assert (run.state, run.message, run.total) == ("running", told, 2)
    assert deliver(run).message == "Made"


def test_a_message_that_an_old_worker_has_dropped_counts_as_not_sent() -> None:
    """So the next sweep sends it, and not the one after a quarter of an hour."""
    run = start(sample_tasks.make_groups, ["g1"])
    run.sent_at = timezone.now()
    run.save()
    signals.task_unknown.send(None, name=run.task, id=str(run.pk))
    run.refresh_from_db()
    assert run.sent_at is None


def test_the_database_itself_knows_a_key_only_once() -> None:
    """Two who ask at the same moment find no run, both of them."""
    first = start(sample_tasks.refuse, idempotency_key="again")
    with pytest.raises(IntegrityError, match="a_key_names_one_run"), transaction.atomic():
        task_runs.task_run_create(
            name="test", title="Again", owner=None, idempotency_key=first.idempotency_key
        )


def test_progress_is_told_a_few_times_a_second_with_its_rate_and_the_time_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A row each twentieth of a second, by a clock that nothing else moves."""
    run = start(sample_tasks.make_groups, ["g1"])
    task_runs.mark_started(run, total=200)
    moments = count(100)
    monkeypatch.setattr(task_context, "time", SimpleNamespace(monotonic=lambda: next(moments) / 20))
    with redis.Redis.from_url(settings.REDIS_URL) as server, server.pubsub() as channel:
        channel.subscribe(progress.PROGRESS_CHANNEL)
        channel.get_message(timeout=5)  # the confirmation
        context = task_context.TaskContext(run)
        for done in range(1, 101):
            context.report_progress(done)
        rows = [
            json.loads(one["data"])["row"]
            for one in iter(partial(channel.get_message, timeout=1), None)
        ]
    assert 20 <= len(rows) <= 26, "of a hundred"
    assert {row["rate"] for row in rows} == {20}
    assert [row["eta_seconds"] for row in rows] == [round((200 - row["done"]) / 20) for row in rows]


def test_work_of_another_language_is_told_in_it(lin: User) -> None:
    with translation.override("zh-hans"):
        run = start(sample_tasks.make_groups, ["g1"], can_cancel=True)
    task_runs.mark_started(run)
    task_runs.request_cancel(run)
    assert deliver(run).message == "已停止。没有任何改动。"
