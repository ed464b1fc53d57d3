"""Background work in a worker's hands: one end each, in words, whatever happens on the way."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, User

from realtime import task_runs, work
from realtime.models import TaskRun
from tests.support import watched
from tests.support.watched import deliver

pytestmark = pytest.mark.django_db


def start(task: work.WatchedTask, *arguments: object, owner: User | None = None, **asked: object):
    return work.start(task, *arguments, title="Some work", owner=owner, **asked)


def groups() -> list[str]:
    return sorted(Group.objects.filter(name__startswith="g").values_list("name", flat=True))


def test_work_runs_to_its_end_and_says_what_came_of_it(lin: User) -> None:
    run = start(watched.make_groups, ["g1", "g2"], owner=lin)
    assert (run.state, run.queue) == ("queued", "bulk")
    deliver(run)
    assert (run.state, run.done, run.total, run.message) == ("succeeded", 2, 2, "Made")
    assert (run.result_url, run.deliveries) == ("/groups/", 1)
    assert groups() == ["g1", "g2"]


def test_a_message_that_comes_twice_does_nothing_the_second_time() -> None:
    run = start(watched.make_groups, ["g1"])
    first = deliver(run).version
    assert deliver(run).version == first
    assert groups() == ["g1"]


def test_refused_work_fails_in_words_and_leaves_nothing_half_done() -> None:
    run = deliver(start(watched.refuse))
    assert (run.state, run.message, run.errors) == ("failed", "There is no room.", 3)
    assert not Group.objects.filter(name="half done").exists()


def test_a_cancelled_run_rolls_back_what_it_did() -> None:
    run = start(watched.make_groups, ["g1"], can_cancel=True)
    task_runs.started(run)
    task_runs.request_cancel(run)
    deliver(run)
    assert (run.state, run.message) == ("cancelled", "It was stopped. Nothing was changed.")
    assert groups() == []


def test_the_same_key_of_the_same_person_starts_one_run(lin: User, wu: User) -> None:
    runs = [start(watched.refuse, owner=owner, idempotency_key="again") for owner in (lin, lin, wu)]
    assert runs[0] == runs[1] != runs[2]
    assert TaskRun.objects.count() == 2
