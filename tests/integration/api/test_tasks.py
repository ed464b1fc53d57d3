"""Runs of background tasks in the API."""

import pytest
from django.contrib.auth.models import User

from realtime.background import task_runs
from realtime.background.task_rows import task_row
from realtime.background.task_runs import task_run_create
from realtime.models import Change, TaskRun
from tests.support.clients.api import api_of, queries_of, refused, state_of

WATCHED = (TaskRun, Change)


def make_run(owner: User | None, *, can_cancel: bool = True) -> TaskRun:
    return task_run_create(name="import", title="A file", owner=owner, can_cancel=can_cancel)


def test_users_see_their_own_runs_and_operations_see_all(
    lin: User, chen: User, admin: User
) -> None:
    own, other = make_run(lin), make_run(None)
    assert api_of(lin).get("tasks/").json()["results"] == [task_row(own)]
    assert api_of(lin).get(f"tasks/{own.pk}/").json() == task_row(own)
    refused(api_of(lin).get(f"tasks/{other.pk}/"), 404)
    for person in (chen, admin):
        assert api_of(person).get("tasks/").json()["count"] == 2
        assert api_of(person).get(f"tasks/{other.pk}/").status_code == 200


def test_other_users_can_neither_see_nor_cancel_a_run(sun: User, lin: User) -> None:
    run = make_run(lin)
    before = state_of(*WATCHED)
    assert api_of(sun).get("tasks/").json()["count"] == 0
    refused(api_of(sun).get(f"tasks/{run.pk}/"), 404)
    refused(api_of(sun).post(f"tasks/{run.pk}/cancel/"), 404)
    refused(api_of(None).post(f"tasks/{run.pk}/cancel/"), 401)
    refused(api_of(lin).get(f"tasks/{run.pk}/cancel/"), 405)
    refused(api_of(lin).ask("DELETE", f"tasks/{run.pk}/"), 405)
    assert state_of(*WATCHED) == before


def test_a_queued_run_is_cancelled_at_once(lin: User) -> None:
    run = make_run(lin)
    row = api_of(lin).post(f"tasks/{run.pk}/cancel/").json()
    assert (row["state"], row["can_cancel"]) == ("cancelled", False)


def test_a_running_task_is_asked_to_stop(lin: User) -> None:
    run = make_run(lin)
    task_runs.mark_started(run)
    assert api_of(lin).post(f"tasks/{run.pk}/cancel/").json()["state"] == "running"
    assert task_runs.is_cancel_requested(run)


def test_a_run_that_cannot_be_cancelled_is_not_cancelled(lin: User) -> None:
    uncancellable, done = make_run(lin, can_cancel=False), make_run(lin)
    task_runs.mark_succeeded(done)
    before = state_of(*WATCHED)
    for run in (uncancellable, done):
        assert refused(api_of(lin).post(f"tasks/{run.pk}/cancel/")).keys() == {"state"}
    assert state_of(*WATCHED) == before


@pytest.mark.parametrize("pk", ["00000000-0000-4000-8000-000000000000", "-" * 36, "1", "none"])
def test_an_unknown_run_is_not_found(pk: str, chen: User) -> None:
    refused(api_of(chen).get(f"tasks/{pk}/"), 404)


def test_runs_can_be_filtered_by_state(lin: User) -> None:
    run = make_run(lin)
    api = api_of(lin)
    assert api.get("tasks/", state="queued").json()["results"] == [task_row(run)]
    assert api.get("tasks/", state="failed").json()["results"] == []
    assert refused(api.get("tasks/", state="lost")).keys() == {"state"}


def test_the_number_of_queries_does_not_grow_with_the_page(lin: User, chen: User) -> None:
    api = api_of(chen)
    for _ in range(3):
        make_run(lin)
    few = queries_of(api, "tasks/")
    for _ in range(3):
        make_run(lin)
    assert queries_of(api, "tasks/") == few
