"""Topics of interview days: boards, wall displays, and each person's own list.

`register` tells the realtime layer who may watch a topic and which rows it has.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count, Q
from django.utils import timezone

from interview.live import rows
from interview.models import Interview, Notification, Room
from interview.models.states import WAITING, Status
from interview.rules import permissions
from interview.rules.delays import DelayForecast
from interview.rules.flags import late_grace
from jobs.models import Campaign
from realtime.background import task_rows
from realtime.log import topics
from realtime.log.list_window import newest_rows
from realtime.log.topics import TopicKind
from realtime.protocol.server_frames import Row

NOTICE_LIST_SIZE = 50
"""Notices in a person's list; older ones are available over the API."""


def register() -> None:
    topics.register(
        TopicKind(
            prefix="board",
            watchers=permissions.board_watchers,
            all_rows=board_rows,
            rows_of=board_rows_of,
        )
    )
    topics.register(
        TopicKind(
            prefix="wall",
            watchers=permissions.wall_watchers,
            all_rows=wall_rows,
            rows_of=wall_rows_of,
        )
    )
    topics.register(
        TopicKind(
            prefix="person",
            watchers=permissions.person_watchers,
            all_rows=person_rows,
            rows_of=person_rows_of,
        )
    )


def ids_of(keys: Iterable[str], kind: str) -> list[str]:
    """The ids in the keys of one kind, such as "17" from `interview:17`."""
    prefix = f"{kind}:"
    return [key.removeprefix(prefix) for key in keys if key.startswith(prefix)]


# Boards


def board_rows(slug: str) -> Iterable[Row]:
    interviews = list(Interview.objects.for_rows().filter(campaign__slug=slug))
    forecast = DelayForecast.load(interviews, now=timezone.now())
    yield from rows.board_rows(interviews, forecast)
    for room in Room.objects.filter(campaign__slug=slug).select_related("campaign"):
        yield rows.room_row(room, forecast)
    yield from counter_rows(slug)


def board_rows_of(slug: str, keys: list[str]) -> Iterable[Row]:
    interviews = _interviews(keys, campaign__slug=slug)
    room_ids = [int(room) for room in ids_of(keys, "room")]
    forecast = DelayForecast.load(interviews, now=timezone.now())
    yield from rows.board_rows(interviews, forecast)
    if room_ids:
        rooms = Room.objects.filter(pk__in=room_ids, campaign__slug=slug)
        for room in rooms.select_related("campaign"):
            yield rows.room_row(room, forecast)
    if ids_of(keys, "counter"):
        yield from counter_rows(slug)


def counter_rows(slug: str) -> Iterable[Row]:
    """Counters of the campaign's current local day. Takes two queries."""
    campaign = Campaign.objects.filter(slug=slug).first()
    if campaign is None:
        return
    start, end = today_in(campaign)
    now = timezone.now()
    not_cancelled = ~Q(status=Status.CANCELLED)
    counts = Interview.objects.filter(
        campaign=campaign, starts_at__gte=start, starts_at__lt=end
    ).aggregate(
        today=Count("pk", filter=not_cancelled),
        arrived=Count("pk", filter=Q(status=Status.ARRIVED)),
        in_progress=Count("pk", filter=Q(status=Status.IN_PROGRESS)),
        late=Count("pk", filter=Q(status__in=WAITING, starts_at__lt=now - late_grace())),
        feedback_due=Count("pk", filter=Q(status=Status.FEEDBACK_DUE)),
        done=Count("pk", filter=Q(status=Status.COMPLETED)),
        no_show=Count("pk", filter=Q(status=Status.NO_SHOW)),
    )
    for name, value in counts.items():
        yield rows.counter_row(name, value, start.date().isoformat())


def today_in(campaign: Campaign) -> tuple[datetime, datetime]:
    """Start and end of the campaign's current local day, in its time zone."""
    now = timezone.now().astimezone(ZoneInfo(campaign.time_zone))
    start = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return start, start + timedelta(days=1)


def _interviews(keys: Iterable[str], **where: object) -> list[Interview]:
    ids = ids_of(keys, "interview")
    return list(Interview.objects.for_rows().filter(pk__in=ids, **where)) if ids else []


# Walls


def wall_rows(slug: str) -> Iterable[Row]:
    return _masked(list(Interview.objects.for_rows().filter(campaign__slug=slug)))


def wall_rows_of(slug: str, keys: list[str]) -> Iterable[Row]:
    return _masked(_interviews(keys, campaign__slug=slug))


def _masked(interviews: list[Interview]) -> Iterable[Row]:
    forecast = DelayForecast.load(interviews, now=timezone.now())
    return [rows.wall_row(row) for row in rows.interview_rows(interviews, forecast)]


# Persons


def person_rows(user_id: str) -> Iterable[Row]:
    own = Interview.objects.for_interviewer_rows().of_interviewer(user_id)
    yield from _own(list(own), int(user_id))
    notices = Notification.objects.filter(recipient=int(user_id)).for_reading()
    for notice in notices[:NOTICE_LIST_SIZE]:
        yield rows.notice_row(notice)
    yield from task_rows.own_rows(user_id)


def person_rows_of(user_id: str, keys: list[str]) -> Iterable[Row]:
    if ids := ids_of(keys, "interview"):
        own = Interview.objects.for_interviewer_rows().of_interviewer(user_id).filter(pk__in=ids)
        yield from _own(list(own), int(user_id))
    if ids := ids_of(keys, "notice"):
        listed = newest_rows(Notification.objects.filter(recipient=int(user_id)), NOTICE_LIST_SIZE)
        notices = Notification.objects.filter(pk__in=listed.filter(pk__in=ids).values("pk"))
        for notice in notices.for_reading():
            yield rows.notice_row(notice)
    if any(key.startswith("task:") for key in keys):
        yield from task_rows.own_rows_of(user_id, keys)


def _own(interviews: list[Interview], user_id: int) -> Iterable[Row]:
    forecast = DelayForecast.load(interviews, now=timezone.now())
    return [rows.person_row(interview, forecast, user_id) for interview in interviews]
