"""Notices: who should know what of a change, written in the same transaction, once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone, translation
from django.utils.timesince import timeuntil
from django.utils.translation import gettext as _

from interview.models import Delivery, Interview, Notification
from interview.models.labels import short_date_time
from interview.models.time_zones import display_zone
from interview.notifications import metrics
from interview.notifications.planning import Telling, Told, plan, plan_together
from interview.notifications.policy import Priority
from realtime.models import TaskRun

Event = Notification.Event
MINUTE = timedelta(minutes=1)


@transaction.atomic
def notify(
    event: str,
    interview: Interview | None,
    recipients: Iterable[int],
    *,
    and_candidate: bool = False,
    in_app: bool = True,
    occasion: str = "",
    due_at: datetime | None = None,
    expires_at: datetime | None = None,
    priority: Priority | None = None,
) -> None:
    """Tell these people of an event of this version of an interview, each of them once per channel.

    Called in the transaction of the change: notices within the product, e-mails and the messages of
    the campaign's groups are written with it, and what it makes untrue is withdrawn. The same call
    for the same version is a no-op.

    and_candidate  the candidate is told as well, by e-mail
    in_app         False: only what leaves the house
    occasion       takes the place of the version in the key, for what is told by the clock ("24h:…
                   of this start") or of no interview; up to 40 letters
    due_at, expires_at, priority    otherwise as `delivery.manners` has it
    """
    people = sorted(set(recipients))
    told = Told(
        event=Delivery.Event(event),
        interview=interview,
        now=timezone.now(),
        occasion=occasion,
        due_at=due_at,
        expires_at=expires_at,
        priority=priority,
    )
    if in_app and people and event in Event.values:
        _write_notices(_notices(told, people))
    plan(told, people, and_candidate=and_candidate)


@transaction.atomic
def notify_together(tellings: Sequence[Telling]) -> None:
    """Tell of many interviews what the clock has brought; each occasion once per recipient and
    channel. The number of queries does not grow with theirs.
    """
    notices = {
        notice.idempotency_key: notice
        for telling in tellings
        if telling.in_app
        for notice in _notices(telling.told, sorted(set(telling.people)))
    }
    known = Notification.objects.filter(idempotency_key__in=list(notices))
    for key in known.values_list("idempotency_key", flat=True):
        del notices[key]
    if notices:
        _write_notices(list(notices.values()))
    plan_together([telling for telling in tellings if telling.leaves_the_house])


def occasion_of(kind: str, moment: datetime) -> str:
    """What the clock tells, and of when: told once for each."""
    return f"{kind}@{moment.astimezone(UTC):%Y%m%dT%H%M%S}"


def kind_of(occasion: str) -> str:
    """What the clock tells: minutes before a start, or what `sentence_of` has a sentence for."""
    return occasion.partition("@")[0]


def _notices(told: Told, people: Iterable[int]) -> list[Notification]:
    """One row for each person."""
    interview = told.interview
    return [
        Notification(
            idempotency_key=told.key(str(user_id), "in_app"),
            recipient_id=user_id,
            event=told.event,
            interview=interview,
            occasion=told.occasion,
            told_start=interview.starts_at if interview else None,
            told_room=interview.room.name if interview else "",
            at=told.now,
        )
        for user_id in people
    ]


def _write_notices(notices: Sequence[Notification]) -> None:
    """Those who have theirs already keep it as it is."""
    Notification.objects.bulk_create(
        notices,
        # Writing the key over itself changes nothing, and answers the rows that are there: they
        # are announced by their ids.
        update_conflicts=True,
        unique_fields=["idempotency_key"],
        update_fields=["idempotency_key"],
    )
    metrics.count(metrics.IN_APP, "sent", len(notices))


def task_finished(sender: Any, run: TaskRun, **kwargs: Any) -> None:
    """Tell the owner of work that ran without him, in the transaction that ends it, once.

    Not of what he stopped himself, nor of what was done while he waited.
    """
    if run.owner_id is None or not run.task or run.state == TaskRun.State.CANCELLED:
        return
    _notice, is_new = Notification.objects.get_or_create(
        idempotency_key=f"{Event.TASK_FINISHED}:{run.pk}:{run.owner_id}:in_app",
        defaults={
            "recipient_id": run.owner_id,
            "event": Event.TASK_FINISHED,
            "run": run,
            "at": timezone.now(),
        },
    )
    metrics.count(metrics.IN_APP, "sent", int(is_new))


def notice_text(notice: Notification) -> str:
    """One sentence in the recipient's language."""
    with translation.override(language_of(notice.recipient)):
        interview, run = notice.interview, notice.run
        if run is not None:
            is_done = run.state == TaskRun.State.SUCCEEDED
            sentence = _("{title} is done.") if is_done else _("{title} failed.")
            return sentence.format(title=run.title)
        if interview is None:
            return str(Event(notice.event).label)
        return sentence_of(notice.event, notice.occasion).format(
            candidate=interview.application.candidate.name,
            room=notice.told_room or interview.room.name,
            time=_time_told(notice, interview),
            left=time_left(notice.told_start or interview.starts_at, notice.at),
        )


def _time_told(notice: Notification, interview: Interview) -> str:
    """As it was when the notice was written: a later move has a notice of its own."""
    zone = display_zone(notice.recipient, interview.campaign.time_zone)
    return short_date_time((notice.told_start or interview.starts_at).astimezone(zone))


def time_left(start: datetime, at: datetime) -> str:
    """How long it is to the start, in words; as one would say it, not to the second."""
    step = MINUTE if start - at < timedelta(hours=2) else 15 * MINUTE
    steps = round((start - at) / step)
    return timeuntil(at + steps * step, at, depth=2)


def sentence_of(event: str, occasion: str = "") -> str:
    """The sentences; placeholders: candidate, room, time, left (until the start)."""
    clock_tells = {
        "candidate_missing": _("{candidate} has not come to {room}; the start was at {time}."),
        "interviewer_missing": _(
            "No interviewer has come to {room}, where {candidate} waits; the start was at {time}."
        ),
        "unconfirmed": _("{candidate} has not confirmed the interview at {time} in {room}."),
        "escalated": _("Scorecards for {candidate} are still missing."),
        "nobody_attended": _(
            "No interviewer of {candidate} was there at {time}, so there is no scorecard."
        ),
    }
    if kind_of(occasion) in clock_tells:
        return clock_tells[kind_of(occasion)]
    return {
        Event.ASSIGNED: _("You interview {candidate} at {time} in {room}."),
        Event.UNASSIGNED: _("Your interview with {candidate} at {time} was handed over."),
        Event.MOVED: _("Your interview with {candidate} now begins at {time} in {room}."),
        Event.CANCELLED: _("Your interview with {candidate} at {time} was cancelled."),
        Event.ARRIVED: _("{candidate} has arrived and waits in {room}."),
        Event.REMINDER: _("In {left}: your interview with {candidate}, {time}, {room}.")
        if occasion
        else _("Your interview with {candidate} begins at {time} in {room}."),
        Event.FEEDBACK_DUE: _("Your scorecard for {candidate} is due."),
        Event.LATE: _("An interviewer of {candidate} is running late."),
        Event.EXCUSED: _("{candidate} cannot come to the interview at {time}."),
        Event.TASK_FINISHED: _("Your task has finished."),
        Event.ROBOT_ALARM: _("A DingTalk robot cannot send; the admin says why."),
    }[Event(event)]


def language_of(user: User) -> str:
    """The language this person chose, else the site's."""
    personal = getattr(user, "personal_settings", None)
    return personal.language if personal else settings.LANGUAGE_CODE
