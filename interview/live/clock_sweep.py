"""Records changes of live rows that are caused by the clock alone.

Interviews become late or overdue, delays grow, and counters start again at midnight. The task
`interview.tasks.sweep_clock` calls `record_time_changes`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q

from interview.live.signals import COUNTERS, record_interviews
from interview.models import Interview, Room
from interview.models.querysets import InterviewQuerySet
from interview.models.states import ACTIVE, WAITING, Status
from interview.rules.delays import changed_by_time
from interview.rules.flags import (
    FEEDBACK_OVERDUE_AFTER,
    MISSING_AFTER,
    UNCONFIRMED_BEFORE,
    interviewer_missing_after,
    late_grace,
)
from jobs.models import Campaign
from realtime.log import changes, topics

LONGEST_DAY = timedelta(hours=25)
"""The day on which daylight saving time ends."""


@transaction.atomic
def record_time_changes(since: datetime, now: datetime) -> int:
    """Record the rows that the clock changed in [since, now); return the number of interviews.

    The number of queries does not depend on the number of interviews. Sweeping a window twice is
    harmless: the markers lead to the same rows again.
    """
    delayed, rooms = changed_by_time(since, now, missing_after=interviewer_missing_after())
    changed = {i.pk: i for i in flags_changed_between(since, now)}
    changed |= {i.pk: i for i in _with_campaign(Q(pk__in=delayed))}
    record_interviews(list(changed.values()))
    found = Room.objects.filter(pk__in=rooms).select_related("campaign")
    changes.record((topics.board(room.campaign.slug), f"room:{room.pk}") for room in found)
    _record_new_days(since, now)
    return len(changed)


def flags_changed_between(since: datetime, now: datetime) -> InterviewQuerySet:
    """Interviews with one of their `flag_change_times` in the window and a matching status.

    A flag changes just after its time, so the window includes `since` but not `now`.
    """

    def within(name: str, after: timedelta = timedelta()) -> Q:
        return Q(**{f"{name}__gte": since - after, f"{name}__lt": now - after})

    overdue = within("finished_at", FEEDBACK_OVERDUE_AFTER)
    overdue |= Q(finished_at=None) & within("ends_at", FEEDBACK_OVERDUE_AFTER)
    return _with_campaign(
        Q(status=Status.SCHEDULED) & within("starts_at", -UNCONFIRMED_BEFORE)
        | Q(status__in=WAITING) & within("starts_at")
        | Q(status__in=WAITING) & within("starts_at", late_grace())
        | Q(status__in=WAITING) & within("starts_at", MISSING_AFTER)
        | Q(status__in=WAITING) & within("starts_at", interviewer_missing_after())
        | Q(status=Status.IN_PROGRESS) & within("ends_at")
        | Q(status=Status.FEEDBACK_DUE) & overdue
    )


def _with_campaign(where: Q) -> InterviewQuerySet:
    return Interview.objects.filter(where).select_related("campaign")


def _record_new_days(since: datetime, now: datetime) -> None:
    """Record counters and delays of campaigns whose local day has changed."""
    changed = [c for c in Campaign.objects.all() if _day_in(c, since) != _day_in(c, now)]
    if not changed:
        return
    changes.record((topics.board(c.slug), f"counter:{name}") for c in changed for name in COUNTERS)
    record_interviews(list(_active_before(changed, since, now)))


def _day_in(campaign: Campaign, moment: datetime) -> str:
    return moment.astimezone(ZoneInfo(campaign.time_zone)).date().isoformat()


def _active_before(
    campaigns: Iterable[Campaign], since: datetime, now: datetime
) -> InterviewQuerySet:
    """Active interviews of the day that is over, which may have been delayed at the last sweep."""
    return _with_campaign(
        Q(
            campaign__in=list(campaigns),
            status__in=ACTIVE,
            starts_at__gt=since - LONGEST_DAY,
            starts_at__lt=now,
        )
    )
