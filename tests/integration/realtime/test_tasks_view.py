"""The tasks page: who sees which runs, and cancelling a run without scripts."""

import pytest
from django.urls import reverse

from realtime.background import task_runs
from realtime.models import TaskRun
from tests.people import signed_in
from tests.support.clients.api import state_of

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]


def make_run(owner, title="candidates.csv", **changed):
    return task_runs.task_run_create(
        name="import", title=title, owner=owner, **({"total": 10, "can_cancel": True} | changed)
    )


def cancel(client, run):
    return client.post(reverse("cancel_task", args=[run.pk]))


def test_users_see_their_own_runs(client, lin, wu):
    make_run(lin, "lin_client.csv")
    make_run(wu, "wu_client.csv")
    shown = signed_in(client, lin).get(reverse("tasks")).content.decode()
    assert "lin_client.csv" in shown
    assert "wu_client.csv" not in shown


def test_operations_see_everyones_runs(client, chen, lin, wu):
    make_run(lin, "lin_client.csv")
    make_run(wu, "wu_client.csv")
    shown = signed_in(client, chen).get(reverse("tasks")).content.decode()
    assert "lin_client.csv" in shown
    assert "wu_client.csv" in shown


def test_a_visitor_must_sign_in(client, lin):
    run = make_run(lin)
    assert client.get(reverse("tasks"))["Location"].startswith(reverse("login"))
    assert cancel(client, run)["Location"].startswith(reverse("login"))


def test_a_queued_run_is_cancelled(client, lin):
    run = make_run(lin)
    assert reverse("cancel_task", args=[run.pk]) in (
        signed_in(client, lin).get(reverse("tasks")).content.decode()
    )
    assert cancel(client, run)["Location"] == reverse("tasks")
    run.refresh_from_db()
    assert run.state == TaskRun.State.CANCELLED


def test_a_running_task_is_asked_to_stop(client, lin):
    run = make_run(lin)
    task_runs.mark_started(run)
    cancel(signed_in(client, lin), run)
    assert task_runs.is_cancel_requested(run)


@pytest.mark.parametrize("end", ["finished", "not allowed"])
def test_a_run_that_cannot_be_cancelled_is_unchanged(client, lin, end):
    run = make_run(lin, can_cancel=end == "finished")
    if end == "finished":
        task_runs.mark_started(run)
        task_runs.mark_succeeded(run)
    before = state_of(TaskRun)
    signed_in(client, lin)
    page = client.get(reverse("tasks")).content.decode()
    assert reverse("cancel_task", args=[run.pk]) not in page
    cancel(client, run)
    assert state_of(TaskRun) == before


def test_other_peoples_runs_cannot_be_cancelled(client, lin, wu):
    run = make_run(lin)
    before = state_of(TaskRun)
    assert cancel(signed_in(client, wu), run).status_code == 404
    assert state_of(TaskRun) == before


def test_a_get_request_cancels_nothing(client, lin):
    url = reverse("cancel_task", args=[make_run(lin).pk])
    assert signed_in(client, lin).get(url).status_code == 405
