"""Records changes of live rows that are caused by the clock alone.

Interviews become late or overdue, delays grow, and counters start again at midnight. The task
`interview.tasks.sweep_clock` calls `record_time_changes`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Q

from interview.live.signals import record_interviews
from interview.models import Interview, InterviewAssignment, Room
from interview.models.querysets import InterviewQuerySet
from interview.models.states import ACTIVE, ENDED, WAITING, Status
from interview.models.time_zones import local_day
from interview.rules import days
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
MOST_ENDED_DAYS = 14
"""After a longer pause, nobody has followed the lists of the days before."""

Marker = tuple[str, str]


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
    places = Room.objects.filter(pk__in=rooms).values_list(
        "pk", "campaign__slug", "campaign__time_zone"
    )
    changes.record(
        (topics.board(slug, days.today(zone)), f"room:{pk}") for pk, slug, zone in places
    )
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
    """Record what changes at midnight, for campaigns whose local day has changed."""
    ended = {campaign: _ended_days(campaign, since, now) for campaign in Campaign.objects.all()}
    changed = {campaign: ended_days for campaign, ended_days in ended.items() if ended_days}
    if not changed:
        return
    record_interviews(list(_active_before(changed, since, now)))
    changes.record(
        [*_room_markers(changed), *_unfinished_markers(changed, now), *_own_list_markers(changed)]
    )


def _ended_days(campaign: Campaign, since: datetime, now: datetime) -> list[date]:
    """The campaign's local days that have ended: the last MOST_ENDED_DAYS of them."""
    first, today = local_day(since, campaign.time_zone), local_day(now, campaign.time_zone)
    ended = range(min((today - first).days, MOST_ENDED_DAYS), 0, -1)
    return [today - back * days.DAY for back in ended]


def _shown_days(ended: Iterable[date]) -> list[date]:
    """The days that have ended, and the day that has begun."""
    found = list(ended)
    return [*found, found[-1] + days.DAY]


def _room_markers(changed: Mapping[Campaign, list[date]]) -> Iterable[Marker]:
    """Rooms are late only today."""
    places = Room.objects.filter(campaign__in=list(changed)).values_list("pk", "campaign")
    boards = {
        one.pk: [topics.board(one.slug, day) for day in _shown_days(ended)]
        for one, ended in changed.items()
    }
    return ((board, f"room:{pk}") for pk, campaign in places for board in boards[campaign])


def _unfinished_markers(changed: Mapping[Campaign, list[date]], now: datetime) -> Iterable[Marker]:
    """Unfinished interviews of earlier days move from the list of the day before to today's."""
    unfinished = Interview.objects.filter(campaign__in=list(changed), starts_at__lt=now)
    found = unfinished.exclude(status__in=ENDED).values_list("pk", "campaign", "starts_at")
    campaigns = {one.pk: one for one in changed}
    for pk, campaign_id, starts_at in found:
        campaign = campaigns[campaign_id]
        own = local_day(starts_at, campaign.time_zone)
        for day in _shown_days(changed[campaign]):
            if own < day:
                yield topics.board(campaign.slug, day), f"interview:{pk}"
                yield topics.wall(campaign.slug, day), f"interview:{pk}"


def _own_list_markers(changed: Mapping[Campaign, list[date]]) -> Iterable[Marker]:
    """Interviews that are now too old for their interviewers' own lists."""
    too_old = Q(pk__in=[])
    for campaign, ended in changed.items():
        first, last = (one - days.OWN_LIST_DAYS * days.DAY for one in (ended[0], ended[-1]))
        start, end = (
            days.bounds(first, campaign.time_zone)[0],
            days.bounds(last, campaign.time_zone)[1],
        )
        too_old |= Q(
            interview__campaign=campaign,
            interview__starts_at__gte=start,
            interview__starts_at__lt=end,
        )
    found = InterviewAssignment.objects.filter(too_old).values_list("interviewer", "interview")
    return ((topics.person(user), f"interview:{pk}") for user, pk in found)


def _active_before(
    campaigns: Iterable[Campaign], since: datetime, now: datetime
) -> InterviewQuerySet:
    """Active interviews of days that are over, which may have been delayed at the last sweep."""
    return _with_campaign(
        Q(
            campaign__in=list(campaigns),
            status__in=ACTIVE,
            starts_at__gt=since - LONGEST_DAY,
            starts_at__lt=now,
        )
    )
