"""Signal receivers: record change markers for the topics that show a saved or deleted object."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.contrib.auth.models import User
from django.db.models.signals import post_save, pre_save
from django.utils import timezone

from interview.live.counters import COUNTERS, counters_of
from interview.live.notices import NOTICE_LIST_SIZE
from interview.models import (
    Criterion,
    Interview,
    InterviewAssignment,
    NoticeSettings,
    Notification,
    Room,
    RoundTemplate,
    Scorecard,
)
from interview.models.time_zones import local_day
from interview.rules import days
from interview.rules.delays import affected_interviews, may_affect_others
from jobs.models import Campaign, Candidate, Job, PersonalSettings
from realtime.log import changes, topics
from realtime.log.list_window import window_boundary
from realtime.tracking import track


def connect() -> None:
    track(Interview, record_interviews)
    track(InterviewAssignment, record_assignments)
    track(InterviewAssignment, record_notices_of_assignments, new_rows=False)
    track(Scorecard, record_scorecards)
    track(Room, record_rooms)
    track(Notification, record_notices)
    track(Candidate, record_candidates, new_rows=False)
    track(Job, lambda rows: record_interviews_where(application__job__in=rows), new_rows=False)
    track(RoundTemplate, lambda rows: record_interviews_where(round__in=rows), new_rows=False)
    track(Criterion, lambda rows: record_interviews_where(round__criteria__in=rows))
    track(PersonalSettings, record_preferences)
    track(NoticeSettings, record_preferences)
    pre_save.connect(campaign_changes, sender=Campaign, dispatch_uid="interview.campaign_changes")
    post_save.connect(campaign_changed, sender=Campaign, dispatch_uid="interview.campaign_changed")
    post_save.connect(person_renamed, sender=User, dispatch_uid="interview.person_renamed")


def record_interviews(
    interviews: Sequence[Interview],
    people: Collection[int] = (),
    *,
    announced: int = 0,
    affects_others: bool = True,
) -> None:
    """Record these interviews, their rooms, the counters, and the interviews that they affect.

    people: ids of interviewers whose assignment has changed. Their own lists are recorded even if
    they are no longer assigned. announced: the longest delay that one of them had announced.
    affects_others: False if what has changed can neither delay other interviews nor clash.
    """
    saved = [interview for interview in interviews if interview.pk]
    affecting = [
        one for one in saved if affects_others and (people or announced or may_affect_others(one))
    ]
    affected = affected_interviews(affecting, people, announced=announced, now=timezone.now())
    own = ((topics.person(user), f"interview:{i.pk}") for i in saved for user in people)
    ids = {interview.pk for interview in saved}
    changes.record(
        [
            *_interview_markers(ids | affected, former_starts=_former_starts(saved)),
            *_room_markers(affected - ids),
            *_own_room_markers(affecting),
            *_counter_markers(saved),
            *own,
        ]
    )
    for interview in saved:
        interview.keep_recorded()


def _former_starts(interviews: Iterable[Interview]) -> dict[int, datetime]:
    """Interview id → start before the change, which may be on another day."""
    return {one.pk: one.recorded.starts_at for one in interviews if one.recorded}


def _room_markers(ids: Collection[int]) -> Iterable[tuple[str, str]]:
    """Markers of the rooms of these interviews of today, which show their delay."""
    places = Interview.objects.filter(pk__in=ids) if ids else Interview.objects.none()
    fields = ("campaign__slug", "campaign__time_zone", "room")
    for slug, zone, room in places.values_list(*fields).distinct():
        yield topics.board(slug, days.today(zone)), f"room:{room}"


def _own_room_markers(interviews: Iterable[Interview]) -> Iterable[tuple[str, str]]:
    """Markers of the rooms of these interviews, which today may be late."""
    for interview in interviews:
        for room, day in _places(interview):
            if day == days.today(interview.campaign.time_zone):
                yield topics.board(interview.campaign.slug, day), f"room:{room}"


def _counter_markers(interviews: Iterable[Interview]) -> Iterable[tuple[str, str]]:
    """Markers of the counters of the interviews' days."""
    for interview in interviews:
        for day in {day for _, day in _places(interview)}:
            for counter in _changed_counters(interview):
                yield topics.board(interview.campaign.slug, day), f"counter:{counter}"


def _places(interview: Interview) -> set[tuple[int, date]]:
    """Room and day of the interview, and those before it was moved."""
    places = [(interview.room_id, interview.starts_at), interview.loaded_placement]
    if interview.recorded:
        places.append((interview.recorded.room_id, interview.recorded.starts_at))
    zone = interview.campaign.time_zone
    return {(room, local_day(starts_at, zone)) for room, starts_at in filter(None, places)}


def _changed_counters(interview: Interview) -> Iterable[str]:
    """The counters that may have counted the interview before the change, or count it now."""
    if interview.recorded is None:
        return COUNTERS
    return counters_of(interview.recorded.status) | counters_of(interview.status)


def _interview_markers(
    ids: Iterable[int],
    *,
    former_starts: Mapping[int, datetime] | None = None,
    former_zone: str = "",
) -> Iterable[tuple[str, str]]:
    """Markers of each interview on boards, walls and its interviewers' lists. Takes one query.

    former_starts, former_zone: the starts, and the campaign's time zone, before the change: the
    interview has left the lists of those days.
    """
    rows = Interview.objects.filter(pk__in=list(ids)).values_list(
        *("pk", "campaign__slug", "campaign__time_zone", "starts_at", "assignments__interviewer")
    )
    for pk, slug, zone, starts_at, user_id in rows:
        starts = {starts_at, (former_starts or {}).get(pk, starts_at)}
        for one in {zone, former_zone or zone}:
            for day in days.possible_days(starts, one):
                yield topics.board(slug, day), f"interview:{pk}"
                yield topics.wall(slug, day), f"interview:{pk}"
        if user_id is not None:
            yield topics.person(user_id), f"interview:{pk}"


def record_assignments(assignments: Sequence[InterviewAssignment]) -> None:
    people = {assignment.interviewer_id for assignment in assignments}
    announced = max((assignment.loaded_late_minutes for assignment in assignments), default=0)
    interviews = [assignment.interview for assignment in assignments]
    record_interviews(interviews, people, announced=announced)


def record_scorecards(cards: Sequence[Scorecard]) -> None:
    record_interviews([card.interview for card in cards], affects_others=False)


def record_notices_of_assignments(assignments: Sequence[InterviewAssignment]) -> None:
    """Record the notices of these interviewers: after declining, theirs name nobody any more."""
    told = Notification.objects.filter(
        interview__in=[assignment.interview_id for assignment in assignments],
        recipient__in=[assignment.interviewer_id for assignment in assignments],
    )
    record_notices(list(told))


def record_rooms(rooms: Sequence[Room]) -> None:
    changes.record((topics.every_board(room.campaign.slug), f"room:{room.pk}") for room in rooms)
    record_interviews_where(room__in=rooms)


def record_notices(notices: Sequence[Notification]) -> None:
    """Record these notices, and those that enter or leave the recipients' lists because of them."""
    if not notices:
        return
    recipients = {notice.recipient_id for notice in notices}
    edge = window_boundary(
        Notification.objects.filter(recipient__in=recipients),
        NOTICE_LIST_SIZE,
        partition_by="recipient",
    )
    shown = [(notice.recipient_id, notice.pk) for notice in notices]
    changes.record((topics.person(user), f"notice:{pk}") for user, pk in [*shown, *edge])


def record_interviews_where(**where: Any) -> None:
    """Record the rows of all interviews that match these filters."""
    changes.record(
        _interview_markers(Interview.objects.filter(**where).values_list("pk", flat=True))
    )


def record_candidates(candidates: Sequence[Candidate]) -> None:
    """Record rows and notices that show these candidates' names.

    Bulk writes change only these. A single save may end a merge, after which interviews of two
    records clash and delay each other.
    """
    if len(candidates) == 1:
        found = Interview.objects.filter(application__candidate__in=candidates)
        record_interviews(list(found.select_related("campaign")))
    else:
        record_interviews_where(application__candidate__in=candidates)
    told = Notification.objects.filter(interview__application__candidate__in=candidates)
    record_notices(list(told))


def person_renamed(
    sender: Any, instance: User, *, created: bool, update_fields: Any = None, **kwargs: Any
) -> None:
    """Record rows that show this person's name. A sign-in saves the user, but not the name."""
    if created:
        return
    if update_fields is None or {"first_name", "last_name", "username"} & set(update_fields):
        record_interviews_where(assignments__interviewer=instance)
        record_interviews_where(follow_up_by=instance)


def record_preferences(saved: Sequence[PersonalSettings | NoticeSettings]) -> None:
    """Record all notices of these people, whose language or time zone has changed."""
    people = [one.user_id for one in saved]
    record_notices(list(Notification.objects.filter(recipient__in=people)))


def campaign_changes(sender: Any, instance: Campaign, **kwargs: Any) -> None:
    """Keep the previous time zone; no other field of a campaign is shown in rows."""
    known = Campaign.objects.filter(pk=instance.pk).values_list("time_zone", flat=True)
    instance.zone_before = known.first()


def campaign_changed(sender: Any, instance: Campaign, **kwargs: Any) -> None:
    """Record all that depends on the time zone: the days of interviews, and notices."""
    if instance.zone_before in {None, instance.time_zone}:
        return
    interviews = list(Interview.objects.filter(campaign=instance).select_related("campaign"))
    record_interviews(interviews)
    ids = [interview.pk for interview in interviews]
    changes.record(_interview_markers(ids, former_zone=instance.zone_before))
    record_rooms(list(Room.objects.filter(campaign=instance).select_related("campaign")))
    boards = topics.every_board(instance.slug)
    changes.record((boards, f"counter:{counter}") for counter in COUNTERS)
    record_notices(list(Notification.objects.filter(interview__campaign=instance)))
