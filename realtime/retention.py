"""Retention: how long changes, runs and stored responses are kept. Called by `realtime.tasks`."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import F, Max

from realtime.models import Change, IdempotencyRecord, ScheduledRun, SignIn, TaskRun, TopicHead

KEEP_FOR = timedelta(hours=24)  # changes; after a longer absence a snapshot is quicker anyway
KEEP_CHANGES = 50_000  # per topic; resuming over more than these costs more than a snapshot
KEEP_IDEMPOTENCY_RECORDS_FOR = timedelta(hours=24)
KEEP_SCHEDULED_RUNS_FOR = timedelta(days=7)
KEEP_TASK_RUNS_FOR = timedelta(days=90)
KEEP_SIGN_INS_FOR = timedelta(days=90)  # after their last use, to recognise places
TASK_RUNS_AT_ONCE = 500


@transaction.atomic
def trim_changes(now: datetime) -> int:
    """Delete published changes that are too old or too many. Returns how many.

    `kept_from` is updated in the same transaction, so a reader can tell that the log no longer
    reaches back to its position.
    """
    deleted = 0
    published = Change.objects.exclude(position=None)
    too_old = published.filter(recorded_at__lt=now - KEEP_FOR).order_by()
    last_too_old = {
        row["topic"]: row["last"] for row in too_old.values("topic").annotate(last=Max("position"))
    }
    for head in TopicHead.objects.filter(position__gte=F("kept_from")).order_by("topic"):
        last = max(last_too_old.get(head.topic, 0), head.position - KEEP_CHANGES)
        if last >= head.kept_from:
            TopicHead.objects.filter(topic=head.topic).update(kept_from=last + 1)
            deleted += published.filter(topic=head.topic, position__lte=last).delete()[0]
    return deleted


@transaction.atomic
def trim_scheduled_runs(now: datetime) -> int:
    """Delete old records of scheduled runs. Returns how many.

    Keeps the last successful run of each task, because the next run starts from its time.
    """
    old = ScheduledRun.objects.filter(scheduled_for__lt=now - KEEP_SCHEDULED_RUNS_FOR)
    succeeded = ScheduledRun.objects.filter(state=ScheduledRun.State.DONE)
    last = succeeded.order_by("task", "-scheduled_for").distinct("task").values("pk")
    return old.exclude(pk__in=last).delete()[0]


@transaction.atomic
def trim_task_runs(now: datetime) -> int:
    """Delete runs that finished long ago, and their result files. Returns how many.

    Deletes at most TASK_RUNS_AT_ONCE, the oldest first.
    """
    expired = TaskRun.objects.filter(finished_at__lt=now - KEEP_TASK_RUNS_FOR)
    runs = list(expired.order_by("finished_at")[:TASK_RUNS_AT_ONCE])
    TaskRun.objects.filter(pk__in=[run.pk for run in runs]).delete()
    for run in runs:
        if run.result_file:
            transaction.on_commit(partial(run.result_file.delete, save=False))
    return len(runs)


def trim_kept_answers(now: datetime) -> int:
    """Delete old responses to requests with an `Idempotency-Key`. Returns how many."""
    return IdempotencyRecord.objects.filter(
        claimed_at__lt=now - KEEP_IDEMPOTENCY_RECORDS_FOR
    ).delete()[0]


def trim_sessions(now: datetime) -> int:
    """Delete expired sessions, and sign-ins that ended long ago. Returns how many."""
    sessions = Session.objects.filter(expire_date__lt=now).delete()[0]
    ended = SignIn.objects.filter(last_used_at__lt=now - KEEP_SIGN_INS_FOR)
    return sessions + ended.exclude(pk__in=SignIn.objects.active().values("pk")).delete()[0]
