"""Undo of an interview's last change, possible within UNDO_WITHIN."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from interview.models import Interview, InterviewAssignment, InterviewEvent, Notification, Room
from interview.models.states import NOT_TAKING_PLACE, Status
from interview.notifications.planning import notify
from interview.notifications.recall import recall_messages, restore_replaced, told_of
from interview.notifications.withdrawal import restore_withdrawn
from interview.rules.bookings import (
    DECLINED,
    Appointment,
    Calendars,
    load_calendars,
    occupied_span,
)
from interview.rules.conflicts import Conflict, find_conflicts
from interview.rules.limits import UNDO_WITHIN
from interview.services.conflict_checks import appointment_of, refuse
from interview.services.interview_day import interviewer_ids
from interview.services.schedule_locks import lock_schedules
from interview.services.transitions import Actor, StaleVersion, apply_transition
from jobs.models import Campaign

Event = Notification.Event
TIME_FIELDS = ("starts_at", "ends_at", "arrived_at", "started_at", "finished_at")
NOT_UNDOABLE = ("create", "complete", "not-attended", "offer-times")
NOT_STEPS = ("undo", "merge", "new-place")
"""Events that are not steps of the interview; the step before them can still be undone."""


def undoable_event(interview: Interview) -> InterviewEvent | None:
    """The event that undo would reverse, or None if it is too old or cannot be undone."""
    since = timezone.now() - UNDO_WITHIN
    last = interview.events.filter(undone_at=None).exclude(action__in=NOT_STEPS).last()
    if last is None or last.action in NOT_UNDOABLE or last.at < since:
        return None
    return last


def undoable_steps(user: User, campaign: Campaign) -> list[UndoableStep]:
    """The last steps of this person in the campaign that can still be undone, oldest first.

    A step followed by somebody else's is left out. Of a room shift one interview stands for all.
    One query.
    """
    since = timezone.now() - UNDO_WITHIN
    events = InterviewEvent.objects.filter(
        interview__campaign=campaign, at__gte=since, undone_at=None
    ).exclude(action__in=NOT_STEPS)
    found: list[UndoableStep] = []
    followers: dict[int, UndoableStep | None] = {}
    batches: set[UUID] = set()
    for event in events.select_related("interview__application__candidate").order_by("-at", "-pk"):
        follower = followers.get(event.interview_id)
        is_last = event.interview_id not in followers
        is_undoable = event.by_id == user.pk and event.action not in NOT_UNDOABLE
        if not is_undoable or (follower is None and not is_last):
            followers[event.interview_id] = None
            continue
        version = follower.event.version - 1 if follower else event.interview.version
        step = followers[event.interview_id] = UndoableStep(event, version)
        if event.batch not in batches:
            found.append(step)
        else:
            followers[event.interview_id] = None  # the undo of the batch raises its version
        if event.batch:
            batches.add(event.batch)
    return found[::-1]


def told_of_undone(interview: Interview) -> list[str]:
    """The names of those who had been told of the step that was undone last, and of its batch."""
    undone = interview.events.exclude(undone_at=None).order_by("undone_at", "pk").last()
    if undone is None:
        return []
    if undone.batch is None:
        return told_of([undone])
    return told_of(list(InterviewEvent.objects.filter(batch=undone.batch)))


@dataclass(frozen=True, slots=True)
class UndoableStep:
    """A step that its author may undo while the interview has this version."""

    event: InterviewEvent
    version: int


@dataclass(frozen=True, slots=True)
class Step:
    """An event to undo, and its interview as it is now, locked."""

    event: InterviewEvent
    interview: Interview


@transaction.atomic
def interview_undo(
    *, interview_id: int, version: int, override_reason: str = "", actor: Actor
) -> Interview:
    """Undo the last change. A room shift is undone for all its interviews.

    Raises StaleVersion, and ValidationError on `status` if nothing can be undone, on `room` if the
    previous slot has been taken since, and (unless `override_reason` is given) on `candidate` and
    `interviewers` for conflicts that the interview does not have now.
    """
    steps = _lock_steps(interview_id, version)
    if not steps:
        minutes = UNDO_WITHIN // timedelta(minutes=1)
        text = _("There is no change of the last %(minutes)d minutes to undo.")
        raise ValidationError({"status": text % {"minutes": minutes}})
    # Not the versions: a new name of the room raises them, and is no step to undo.
    if any(undoable_event(one.interview) != one.event for one in steps):
        raise ValidationError(
            {"status": _("One of the shifted interviews has changed since then.")}
        )
    reason = override_reason.strip()
    _check_conflicts(steps, is_confirmed=bool(reason))
    for step in steps:
        _undo(step, actor, reason)
    return Interview.objects.get(pk=interview_id)


def _lock_steps(interview_id: int, version: int) -> list[Step]:
    """Lock the schedules and then the interviews, by id, that the undo concerns.

    Returns no steps if nothing can be undone. Raises StaleVersion also if the events or candidates
    have changed while the locks were awaited.
    """
    events = _events_undone_with(Interview.objects.get(pk=interview_id))
    candidates = _lock_schedules_of(events)
    ids = {interview_id, *(event.interview_id for event in events)}
    rows = Interview.objects.select_for_update(of=("self",)).filter(pk__in=ids).order_by("pk")
    locked = {one.pk: one for one in rows.select_related("campaign", "room", "application")}
    interview = locked[interview_id]
    if interview.version != version:
        raise StaleVersion(interview)
    undone = _events_undone_with(interview)
    if undone and (undone != events or candidates != _candidates_of(locked.values())):
        raise StaleVersion(interview)
    return [Step(event, locked[event.interview_id]) for event in undone]


def _events_undone_with(interview: Interview) -> list[InterviewEvent]:
    """The event to undo and its batch, ordered so that no room is double-booked in between."""
    event = undoable_event(interview)
    if event is None or event.batch is None:
        return [event] if event else []
    batch = list(
        InterviewEvent.objects.filter(batch=event.batch, undone_at=None).select_related(
            "interview__application"
        )
    )
    went_later = batch[0].interview.starts_at > _parse_time(batch[0].before["starts_at"])
    batch.sort(key=lambda one: one.interview.starts_at, reverse=not went_later)
    return batch


def _lock_schedules_of(events: Sequence[InterviewEvent]) -> set[int]:
    """Lock everything that these events had and have booked. Returns the ids of the candidates."""
    interviews = [event.interview for event in events]
    assigned = InterviewAssignment.objects.filter(interview__in=interviews)
    before = {user_id for event in events for user_id, *_rest in event.before["assignments"]}
    candidates = _candidates_of(interviews)
    lock_schedules(
        rooms={*(one.room_id for one in interviews), *(one.before["room_id"] for one in events)},
        interviewers={*assigned.values_list("interviewer", flat=True), *before},
        candidates=candidates,
    )
    return candidates


def _candidates_of(interviews: Iterable[Interview]) -> set[int]:
    return {one.application.candidate_id for one in interviews}


def _check_conflicts(steps: Sequence[Step], *, is_confirmed: bool) -> None:
    """Raise ValidationError by field for conflicts that the restored interviews would have.

    Interviews of one batch cannot be in each other's way, because all of them are restored.
    """
    restored = _restored_appointments(steps)
    needed = [*restored, *(appointment_of(step.interview) for step in steps)]
    zone = ZoneInfo(steps[0].interview.campaign.time_zone)
    calendars = load_calendars(needed, zone, exclude=[step.interview.pk for step in steps])
    found = [
        conflict
        for step, wanted in zip(steps, restored, strict=True)
        for conflict in _new_conflicts(step.interview, wanted, calendars)
    ]
    refuse([one for one in dict.fromkeys(found) if one.is_refused or not is_confirmed], {})


def _restored_appointments(steps: Sequence[Step]) -> list[Appointment]:
    rooms = Room.objects.in_bulk({step.event.before["room_id"] for step in steps})
    return [
        appointment_of(
            step.interview,
            starts_at=_parse_time(step.event.before["starts_at"]),
            ends_at=_parse_time(step.event.before["ends_at"]),
            room=rooms[step.event.before["room_id"]],
            interviewers=[
                user_id
                for user_id, response, _late in step.event.before["assignments"]
                if response != DECLINED
            ],
        )
        for step in steps
    ]


def _new_conflicts(
    interview: Interview, restored: Appointment, calendars: Calendars
) -> list[Conflict]:
    """The conflicts of the restored appointment that the interview does not have already."""
    if interview.status in NOT_TAKING_PLACE:
        return find_conflicts(restored, calendars)
    now = appointment_of(interview)
    found = find_conflicts(restored, calendars, instead_of=now)
    if (now.span, now.room) != (restored.span, restored.room):
        return found
    # An interview that finished early has freed its people until its planned end.
    held = occupied_span(interview.starts_at, interview.ends_at, interview.finished_at)
    known = find_conflicts(replace(now, span=held), calendars)
    known += [one for one in find_conflicts(now, calendars) if not one.is_double_booking]
    return [one for one in found if one not in known]


def _undo(step: Step, actor: Actor, reason: str) -> None:
    event, interview = step.event, step.interview
    old_status = interview.status
    restored = {
        name: _parse_time(value) if name in TIME_FIELDS else value
        for name, value in event.before.items()
        if name != "assignments"
    }
    has_moved = (restored["starts_at"], restored["room_id"]) != (
        interview.starts_at,
        interview.room_id,
    )
    interviewers_before = set(interviewer_ids(interview))
    _restore_assignments(interview, event.before["assignments"])
    event.undone_at = timezone.now()
    event.save(update_fields=["undone_at"])
    apply_transition(interview, action="undo", actor=actor, reason=reason, changes=restored)
    restore_withdrawn(interview)
    recall = recall_messages(interview, event.version)
    _notify_changes(
        interview, interviewers_before, recall.untold, old_status=old_status, has_moved=has_moved
    )
    restore_replaced(interview, event.version, recall.told)


def _notify_changes(
    interview: Interview,
    before: set[int],
    untold: Collection[str],
    *,
    old_status: str,
    has_moved: bool,
) -> None:
    """Notify everybody of the restored plan; added and removed interviewers get only that news.

    untold: the addresses that have not learnt of the undone step
    """
    now = set(interviewer_ids(interview))
    tell = partial(notify, interview=interview, unless=untold)
    tell(Event.UNASSIGNED, recipients=before - now)
    if old_status in NOT_TAKING_PLACE:
        # Candidates are notified of cancellations, but not of no-shows.
        was_cancelled = old_status == Status.CANCELLED
        tell(Event.ASSIGNED, recipients=now, and_candidate=was_cancelled)
        return
    tell(Event.ASSIGNED, recipients=now - before)
    if has_moved:
        tell(Event.MOVED, recipients=now & before, and_candidate=True)


def _restore_assignments(interview: Interview, saved: list[list[Any]]) -> None:
    before = {user_id: (response, late) for user_id, response, late in saved}
    for assignment in interview.assignments.all():
        if assignment.interviewer_id not in before:
            assignment.delete()
    for user_id, (response, late_minutes) in before.items():
        assignment, _created = InterviewAssignment.objects.get_or_create(
            interview=interview, interviewer_id=user_id
        )
        if (assignment.response, assignment.late_minutes) != (response, late_minutes):
            assignment.response, assignment.late_minutes = response, late_minutes
            assignment.save()


def _parse_time(value: str | None) -> Any:
    return None if value is None else parse_datetime(value)
