"""Notices in the product: writing them, the notice about a finished task, and their text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils import timezone, translation
from django.utils.translation import gettext as _

from interview.models import Notification
from interview.models.labels import short_date_time
from interview.models.time_zones import display_zone
from interview.notifications import metrics
from interview.notifications.texts import expectation, language_of, sentence_of, time_left
from realtime.models import TaskRun

IN_APP = "in_app"
Event = Notification.Event


def save_notices(notices: Sequence[Notification]) -> None:
    """Insert these notices. Those that exist already keep their values."""
    Notification.objects.bulk_create(
        notices,
        # Overwriting the key with itself changes nothing, but makes PostgreSQL return the ids of
        # existing rows, which the announcement needs.
        update_conflicts=True,
        unique_fields=["idempotency_key"],
        update_fields=["idempotency_key"],
    )
    metrics.count(IN_APP, "sent", len(notices))


def task_finished(sender: Any, run: TaskRun, **kwargs: Any) -> None:
    """Notify the owner that their background task has ended, once, in the same transaction.

    No notice for tasks that they cancelled, nor for those that ran while they waited. Receiver of
    `work_ended`.
    """
    if run.owner_id is None or not run.task or run.state == TaskRun.State.CANCELLED:
        return
    _notice, is_new = Notification.objects.get_or_create(
        idempotency_key=f"{Event.TASK_FINISHED}:{run.pk}:{run.owner_id}:{IN_APP}",
        defaults={
            "recipient_id": run.owner_id,
            "event": Event.TASK_FINISHED,
            "run": run,
            "at": timezone.now(),
        },
    )
    metrics.count(IN_APP, "sent", int(is_new))


def notice_text(notice: Notification) -> str:
    """One sentence, in the recipient's language and time zone.

    After the recipient has declined the interview, only the subject: it names nobody.
    """
    with translation.override(language_of(notice.recipient)):
        interview, run = notice.interview, notice.run
        if run is not None:
            is_done = run.state == TaskRun.State.SUCCEEDED
            sentence = _("{title} succeeded.") if is_done else _("{title} failed.")
            return sentence.format(title=run.title)
        if interview is None or notice.is_declined:
            return str(Event(notice.event).label)
        start = notice.told_start or interview.starts_at
        zone = display_zone(notice.recipient, interview.campaign.time_zone)
        sentence = sentence_of(notice.event, notice.occasion).format(
            candidate=interview.application.candidate.name,
            room=notice.told_room or interview.room.name,
            # As of the notice: a later reschedule has a notice of its own.
            time=short_date_time(start.astimezone(zone)),
            left=time_left(start, notice.at),
        )
        if notice.told_expected is None:
            return sentence
        separator = _("{sentence} {next_sentence}")
        next_sentence = expectation(notice.told_expected.astimezone(zone))
        return separator.format(sentence=sentence, next_sentence=next_sentence)
