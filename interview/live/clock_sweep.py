"""What the clock alone has changed on boards between two moments. Nobody acts, yet cards turn late,
a running-late room pushes its queue on, and at midnight the counters begin anew.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import F, Q

from interview.live.signals import COUNTERS, record_interviews
from interview.models import Interview
from interview.models.querysets import InterviewQuerySet
from interview.models.states import WAITING, Status
from interview.rules.delays import local_day_of
from interview.rules.flags import FEEDBACK_OVERDUE_AFTER, MISSING_AFTER, UNCONFIRMED_BEFORE
from jobs.models import Campaign
from realtime.log import changes, topics

MINUTE = timedelta(minutes=1)
LONGEST_DAY = timedelta(hours=25)  # when the clocks are put back
EXPECTED = (Status.SCHEDULED, Status.CONFIRMED)


@transaction.atomic
def record_time_changes(since: datetime, now: datetime) -> int:
    """Record what the clock changed from `since` (included) to `now` (excluded); how many cards.

    The number of queries does not grow with the number of interviews. A window that is swept twice
    costs markers whose rows say the same again.
    """
    passed = {i.pk: i for i in flags_changed_between(since, now)}
    if _minute_of(since) != _minute_of(now):
        passed |= {i.pk: i for i in delayed_interviews(now)}
    record_interviews(list(passed.values()))
    _record_new_days(since, now)
    return len(passed)


def flags_changed_between(since: datetime, now: datetime) -> InterviewQuerySet:
    """Interviews with one of the `flag_change_times` in the window, in a status where it counts.

    A flag is raised after its boundary, not at it: the window includes its beginning only.
    """

    def within(name: str, after: timedelta = timedelta()) -> Q:
        return Q(**{f"{name}__gte": since - after, f"{name}__lt": now - after})

    over = within("finished_at", FEEDBACK_OVERDUE_AFTER)
    over |= Q(finished_at=None) & within("ends_at", FEEDBACK_OVERDUE_AFTER)
    return _with_campaign(
        Q(status=Status.SCHEDULED) & within("starts_at", -UNCONFIRMED_BEFORE)
        | Q(status__in=WAITING) & within("starts_at")
        | Q(status__in=WAITING) & within("starts_at", MISSING_AFTER)
        | Q(status=Status.IN_PROGRESS) & within("ends_at")
        | Q(status=Status.FEEDBACK_DUE) & over
    )


def delayed_interviews(now: datetime) -> list[Interview]:
    """Interviews whose delay grows as time passes, and pushes on what follows in their rooms.

    Those that should have begun, and those that take longer than the time they were given.
    """
    late = Q(status__in=WAITING, starts_at__lt=now)
    overdrawn = Q(status=Status.IN_PROGRESS, started_at__lt=now - (F("ends_at") - F("starts_at")))
    days_around = Q(starts_at__gt=now - timedelta(days=1))  # each local day, in any zone
    found = _with_campaign((late | overdrawn) & days_around)
    return [i for i in found if local_day_of(i.starts_at, i) == local_day_of(now, i)]


def _with_campaign(where: Q) -> InterviewQuerySet:
    return Interview.objects.filter(where).select_related("campaign")


def _minute_of(moment: datetime) -> int:
    return int(moment.timestamp() // MINUTE.total_seconds())


def _record_new_days(since: datetime, now: datetime) -> None:
    """Counters are of the campaign's own today, and so are delays of rooms."""
    begun = [c for c in Campaign.objects.all() if _day_in(c, since) != _day_in(c, now)]
    if not begun:
        return
    changes.record((topics.board(c.slug), f"counter:{name}") for c in begun for name in COUNTERS)
    record_interviews(list(_active_before(begun, since, now)))


def _day_in(campaign: Campaign, moment: datetime) -> str:
    return moment.astimezone(ZoneInfo(campaign.time_zone)).date().isoformat()


def _active_before(
    campaigns: Iterable[Campaign], since: datetime, now: datetime
) -> InterviewQuerySet:
    """Those that may have been delayed when the last sweep looked, on a day that is over."""
    return _with_campaign(
        Q(
            campaign__in=list(campaigns),
            status__in=[*WAITING, Status.IN_PROGRESS],
            starts_at__gt=since - LONGEST_DAY,
            starts_at__lt=now,
        )
    )
