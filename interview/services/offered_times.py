"""Coordinators offer a candidate other times, and he chooses one by himself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from interview.models import Delivery, Interview, OfferedTime
from interview.models.labels import CANDIDATE_SOURCE
from interview.models.time_spans import TimeSpan
from interview.notifications.planning import Told, plan
from interview.rules.bookings import enclosing_days, interviewer_bookings, room_bookings
from interview.services.interview_day import interview_confirm, interviewer_ids
from interview.services.scheduling import interview_reschedule
from interview.services.transitions import Actor, apply_transition, check_times, lock_interview

MAX_OFFERED_TIMES = 6
MAX_CANDIDATE_RESCHEDULES = 2  # by the candidate himself, for each interview
OFFER_LEAD_TIME = timedelta(hours=2)  # before the present start, and before the one that is chosen


@transaction.atomic
def interview_offer_times(
    *, interview_id: int, version: int, starts: Sequence[datetime], actor: Actor
) -> Interview:
    """Let the candidate choose among these starts; they replace any offered before. He
    is told so. Raises ValidationError on `starts`.
    """
    interview = lock_interview(interview_id, version=version, action="offer-times")
    chosen = sorted(set(starts) - {interview.starts_at})
    _check_offer(interview, chosen)
    interview.offered_times.all().delete()
    OfferedTime.objects.bulk_create(
        [OfferedTime(interview=interview, starts_at=start) for start in chosen]
    )
    apply_transition(interview, action="offer-times", actor=actor)
    told = Told(event=Delivery.Event.OFFERED, interview=interview, now=timezone.now())
    plan(told, [], and_candidate=True)
    return interview


def _check_offer(interview: Interview, starts: Sequence[datetime]) -> None:
    if not starts:
        raise ValidationError({"starts": _("Give at least one other time.")})
    if len(starts) > MAX_OFFERED_TIMES:
        raise ValidationError({"starts": _("Six times are the most.")})
    if starts[0] < timezone.now() + OFFER_LEAD_TIME:
        raise ValidationError({"starts": _("Nobody could choose a time as near as that.")})
    length = interview.ends_at - interview.starts_at
    for start in starts:
        check_times(start, start + length)
    if len(_free(interview, starts)) < len(starts):
        raise ValidationError({"starts": _("The room or an interviewer is taken at such a time.")})


@transaction.atomic
def interview_choose_time(
    *, interview_id: int, version: int, time_id: int, actor: Actor
) -> Interview:
    """The candidate moves his interview to an offered time, which confirms it.

    Raises ValidationError on `time` for one that is not offered to him, or not any more: others may
    have taken it, it may be too late, or he may have moved often enough.
    """
    interview = lock_interview(interview_id, version=version, action="reschedule")
    chosen = next((one for one in selectable_times(interview) if one.pk == time_id), None)
    if chosen is None:
        raise ValidationError({"time": taken()})
    with translation.override(settings.LANGUAGE_CODE):
        reason = _("Chosen by the candidate")
    length = interview.ends_at - interview.starts_at
    try:
        moved = interview_reschedule(
            interview_id=interview_id,
            version=version,
            starts_at=chosen.starts_at,
            ends_at=chosen.starts_at + length,
            reason=reason,
            actor=actor,
        )
    except ValidationError:  # what is in the way is not the candidate's to know
        raise ValidationError({"time": taken()}) from None
    return interview_confirm(interview_id=interview_id, version=moved.version, actor=actor)


def taken() -> str:
    return _("This time cannot be chosen any more. Please choose another one.")


def selectable_times(interview: Interview) -> list[OfferedTime]:
    """What its candidate may choose at this moment."""
    soonest = timezone.now() + OFFER_LEAD_TIME
    moved = interview.events.filter(action="reschedule", source=CANDIDATE_SOURCE, undone_at=None)
    if interview.starts_at < soonest or moved.count() >= MAX_CANDIDATE_RESCHEDULES:
        return []
    offered = interview.offered_times.filter(starts_at__gte=soonest)
    others = [one for one in offered if one.starts_at != interview.starts_at]
    free = _free(interview, [one.starts_at for one in others])
    return [one for one in others if one.starts_at in free]


def _free(interview: Interview, starts: Sequence[datetime]) -> set[datetime]:
    """At which of these its room and all its interviewers are free."""
    if not starts:
        return set()
    zone, length = ZoneInfo(interview.campaign.time_zone), interview.ends_at - interview.starts_at
    spans = {start: TimeSpan(start, start + length) for start in starts}
    people, days = interviewer_ids(interview), enclosing_days(spans.values(), zone)
    theirs = interviewer_bookings(people, days, zone, exclude=[interview.pk])
    rooms = room_bookings([interview.room_id], days, zone, exclude=[interview.pk])
    return {
        start
        for start, span in spans.items()
        if rooms.is_free(interview.room_id, span) and all(theirs.is_free(p, span) for p in people)
    }
