"""Time limits of tasks: within those of their queue and the visibility timeout of the broker."""

from __future__ import annotations

from itertools import chain

import pytest
from celery import Task, current_app
from django.conf import settings

from interview import tasks as interviews
from jobs import tasks as jobs
from project.celery_broker import VISIBILITY_SECONDS
from realtime import tasks as lists

SENT_TO_NOTIFY = [interviews.deliver, interviews.send_to_robot]  # the callers choose the queue


def own_tasks() -> list[Task]:
    modules = chain(*(vars(module).values() for module in (interviews, jobs, lists)))
    found = {
        one.name: current_app.tasks[one.name] for one in modules if hasattr(one, "apply_async")
    }
    return list(found.values())


def limits_of(task: Task) -> tuple[float, float]:
    """The soft and the hard time limit, in seconds."""
    config = current_app.conf
    return (
        task.soft_time_limit or config.task_soft_time_limit,
        task.time_limit or config.task_time_limit,
    )


def queue_of(task: Task) -> str:
    return "notify" if task in SENT_TO_NOTIFY else getattr(task, "queue_name", "default")


def test_every_queue_has_tasks() -> None:
    queues = {queue_of(task) for task in own_tasks()}
    assert queues == {"default", "notify", "bulk"} == set(settings.WORK_LIMITS_SECONDS)


@pytest.mark.parametrize("task", own_tasks(), ids=lambda task: task.name)
def test_no_task_may_take_longer_than_its_queue_allows(task: Task) -> None:
    """Otherwise urgent tasks would wait behind slow ones."""
    soft, hard = limits_of(task)
    most_soft, most_hard = settings.WORK_LIMITS_SECONDS[queue_of(task)]
    assert soft <= most_soft
    assert hard <= most_hard
    assert soft < hard < VISIBILITY_SECONDS, (
        "it ends before the message is redelivered to another worker"
    )


def test_bulk_tasks_do_not_delay_messages() -> None:
    bulk_tasks = [task for task in own_tasks() if task.name.startswith("interview.bulk.")]
    assert len(bulk_tasks) == 4
    assert {queue_of(task) for task in bulk_tasks} == {"bulk"}
