"""Alternative times: coordinators offer them, and the candidate selects one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from interview.models import Delivery, Interview, OfferedTime
from interview.models.labels import CANDIDATE_SOURCE, short_date_time
from interview.notifications.planning import notify
from interview.rules.bookings import load_calendars
from interview.rules.conflicts import Conflict, confirmation_hint, find_conflicts
from interview.rules.limits import MAX_CANDIDATE_RESCHEDULES, MAX_OFFERED_TIMES, OFFER_LEAD_TIME
from interview.services.conflict_checks import appointment_of, names_in
from interview.services.interview_day import interview_confirm
from interview.services.schedule_locks import lock_with_schedules
from interview.services.scheduling import interview_reschedule
from interview.services.transitions import Actor, apply_transition, check_times, lock_interview


@transaction.atomic
def interview_offer_times(
    *,
    interview_id: int,
    version: int,
    starts: Sequence[datetime],
    override_reason: str = "",
    actor: Actor,
) -> Interview:
    """Offer these starts to the candidate, replacing earlier offers, and notify them.

    Raises ValidationError on `starts` if there are none or too many, if one is too soon, if the
    room is taken, and (unless `override_reason` is given) with all other conflicts at these times.
    The candidate can choose a time with the conflicts confirmed here, but with no others.
    """
    interview = lock_interview(interview_id, version=version, action="offer-times")
    chosen = sorted(set(starts) - {interview.starts_at})
    _check_starts(interview, chosen)
    conflicts = _conflicts_at(interview, chosen)
    reason = override_reason.strip()
    _refuse_conflicts(conflicts, is_confirmed=bool(reason))
    interview.offered_times.all().delete()
    OfferedTime.objects.bulk_create(
        [
            OfferedTime(
                interview=interview,
                starts_at=start,
                confirmed=[conflict.key for conflict in conflicts[start]],
            )
            for start in chosen
        ]
    )
    apply_transition(interview, action="offer-times", actor=actor, reason=reason)
    notify(Delivery.Event.OFFERED, interview, [], and_candidate=True)
    return interview


def _check_starts(interview: Interview, starts: Sequence[datetime]) -> None:
    if not starts:
        raise ValidationError({"starts": _("Enter at least one other time.")})
    if len(starts) > MAX_OFFERED_TIMES:
        text = _("You can offer up to %(limit)d times.") % {"limit": MAX_OFFERED_TIMES}
        raise ValidationError({"starts": text})
    if starts[0] < timezone.now() + OFFER_LEAD_TIME:
        hours = OFFER_LEAD_TIME // timedelta(hours=1)
        text = _("Offer times that start at least %(hours)d hours from now.") % {"hours": hours}
        raise ValidationError({"starts": text})
    length = interview.ends_at - interview.starts_at
    for start in starts:
        check_times(start, start + length)


def _refuse_conflicts(
    conflicts: Mapping[datetime, Sequence[Conflict]], *, is_confirmed: bool
) -> None:
    """Raise ValidationError on `starts` for taken rooms, and for warnings without a reason."""
    refused = {
        start: [one for one in found if one.is_refused or not is_confirmed]
        for start, found in conflicts.items()
    }
    every = [one for found in refused.values() for one in found]
    names = names_in(every)
    reasons = [_taken_message(start, found, names) for start, found in refused.items() if found]
    if any(not one.is_refused for one in every):
        reasons.append(confirmation_hint())
    if reasons:
        raise ValidationError({"starts": reasons})


def _taken_message(start: datetime, conflicts: Sequence[Conflict], names: dict[int, str]) -> str:
    reasons = " ".join(conflict.message(names) for conflict in conflicts)
    moment = short_date_time(timezone.localtime(start))
    return _("%(time)s cannot be offered: %(reasons)s") % {"time": moment, "reasons": reasons}


@transaction.atomic
def interview_choose_time(
    *, interview_id: int, version: int, time_id: int, actor: Actor
) -> Interview:
    """Reschedule the interview to an offered time that the candidate selected, and confirm it.

    Raises ValidationError on `time` if it is not (or no longer) selectable, see `selectable_times`.
    """
    interview = lock_with_schedules(interview_id, version=version, action="reschedule")
    chosen = next((one for one in selectable_times(interview) if one.pk == time_id), None)
    if chosen is None:
        raise ValidationError({"time": unavailable_message()})
    with translation.override(settings.LANGUAGE_CODE):
        reason = _("Chosen by the candidate")
        confirmation = _("Conflicts confirmed with the offer")
    length = interview.ends_at - interview.starts_at
    try:
        moved = interview_reschedule(
            interview_id=interview_id,
            version=version,
            starts_at=chosen.starts_at,
            ends_at=chosen.starts_at + length,
            reason=reason,
            override_reason=confirmation if chosen.confirmed else "",
            actor=actor,
        )
    except ValidationError:  # hides the cause: candidates must not learn of other bookings
        raise ValidationError({"time": unavailable_message()}) from None
    return interview_confirm(interview_id=interview_id, version=moved.version, actor=actor)


def unavailable_message() -> str:
    return _("This time is no longer available. Choose another one.")


def selectable_times(interview: Interview) -> list[OfferedTime]:
    """The offered times that the candidate can select now.

    Empty if the interview starts too soon or the candidate has rescheduled it as often as allowed;
    times that are too soon, or have conflicts that were not confirmed with the offer, are left out.
    """
    soonest = timezone.now() + OFFER_LEAD_TIME
    reschedules = interview.events.filter(
        action="reschedule", source=CANDIDATE_SOURCE, undone_at=None
    )
    if interview.starts_at < soonest or reschedules.count() >= MAX_CANDIDATE_RESCHEDULES:
        return []
    offered = interview.offered_times.filter(starts_at__gte=soonest)
    others = [one for one in offered if one.starts_at != interview.starts_at]
    conflicts = _conflicts_at(interview, [one.starts_at for one in others])
    return [one for one in others if _is_selectable(one, conflicts[one.starts_at])]


def _is_selectable(offered: OfferedTime, conflicts: Sequence[Conflict]) -> bool:
    confirmed = {tuple(one) for one in offered.confirmed}
    return all(one.key in confirmed and not one.is_refused for one in conflicts)


def _conflicts_at(
    interview: Interview, starts: Sequence[datetime]
) -> dict[datetime, list[Conflict]]:
    """All conflicts that the interview would have at each of these starts. Takes three queries."""
    if not starts:
        return {}
    zone, length = ZoneInfo(interview.campaign.time_zone), interview.ends_at - interview.starts_at
    now = appointment_of(interview)
    wanted = {
        start: appointment_of(interview, starts_at=start, ends_at=start + length)
        for start in starts
    }
    calendars = load_calendars([now, *wanted.values()], zone, exclude=[interview.pk])
    return {start: find_conflicts(one, calendars, instead_of=now) for start, one in wanted.items()}
