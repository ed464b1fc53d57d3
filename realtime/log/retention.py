"""Retention of the log: whoever was away longer takes a snapshot, which is quicker by then. And of
runs that are over, and of answers to requests that may be sent again.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from django.db import transaction
from django.db.models import F, Max

from realtime.models import Change, KeptAnswer, ScheduledRun, TaskRun, TopicHead

KEEP_FOR = timedelta(hours=24)
KEEP_ANSWERS_FOR = timedelta(hours=24)
KEEP_SCHEDULED_RUNS_FOR = timedelta(days=7)
KEEP_TASK_RUNS_FOR = timedelta(days=90)
TASK_RUNS_AT_ONCE = 500
KEEP_CHANGES = 50_000  # per topic; a resume over more than these costs more than a snapshot


@transaction.atomic
def trim(now: datetime) -> int:
    """Forget published markers that are too old or too many; answers how many.

    `kept_from` moves in the same transaction, so a reader can tell that he asks too far back.
    """
    forgotten = 0
    published = Change.objects.exclude(position=None)
    too_old = published.filter(recorded_at__lt=now - KEEP_FOR).order_by()
    upto = {
        row["topic"]: row["last"] for row in too_old.values("topic").annotate(last=Max("position"))
    }
    for head in TopicHead.objects.filter(position__gte=F("kept_from")).order_by("topic"):
        last = max(upto.get(head.topic, 0), head.position - KEEP_CHANGES)
        if last >= head.kept_from:
            TopicHead.objects.filter(topic=head.topic).update(kept_from=last + 1)
            forgotten += published.filter(topic=head.topic, position__lte=last).delete()[0]
    return forgotten


@transaction.atomic
def trim_scheduled_runs(now: datetime) -> int:
    """Forget old records, save the last that was done of each task: the next one begins there."""
    old = ScheduledRun.objects.filter(scheduled_for__lt=now - KEEP_SCHEDULED_RUNS_FOR)
    done = ScheduledRun.objects.filter(state=ScheduledRun.State.DONE)
    last = done.order_by("task", "-scheduled_for").distinct("task").values("pk")
    return old.exclude(pk__in=last).delete()[0]


@transaction.atomic
def trim_task_runs(now: datetime) -> int:
    """Forget runs that ended long ago, with their files: the oldest first, and so many at once."""
    over = TaskRun.objects.filter(finished_at__lt=now - KEEP_TASK_RUNS_FOR)
    doomed = list(over.order_by("finished_at")[:TASK_RUNS_AT_ONCE])
    TaskRun.objects.filter(pk__in=[run.pk for run in doomed]).delete()
    for run in doomed:
        if run.result_file:
            transaction.on_commit(partial(run.result_file.delete, save=False))
    return len(doomed)


def trim_kept_answers(now: datetime) -> int:
    """Forget what requests with an `Idempotency-Key` were answered; answers how many."""
    return KeptAnswer.objects.filter(claimed_at__lt=now - KEEP_ANSWERS_FOR).delete()[0]
