"""Undo of an interview's last change, possible within UNDO_WITHIN."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from interview.models import Interview, InterviewAssignment, InterviewEvent, Notification
from interview.models.states import NOT_TAKING_PLACE, Status
from interview.notifications.planning import notify
from interview.notifications.withdrawal import restore_withdrawn
from interview.rules.limits import UNDO_WITHIN
from interview.services.interview_day import interviewer_ids
from interview.services.schedule_locks import lock_schedules
from interview.services.transitions import Actor, StaleVersion, apply_transition

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


@transaction.atomic
def interview_undo(*, interview_id: int, version: int, actor: Actor) -> Interview:
    """Undo the last change. A room shift is undone for all its interviews.

    Raises StaleVersion, and ValidationError on `status` if nothing can be undone or on `room` if
    the previous slot has been taken since.
    """
    # As in `room_shift`, so that both lock the interviews of a room one after the other.
    lock_schedules(rooms=Interview.objects.filter(pk=interview_id).values_list("room", flat=True))
    interview = Interview.objects.select_for_update().get(pk=interview_id)
    if interview.version != version:
        raise StaleVersion(interview)
    event = undoable_event(interview)
    if event is None:
        minutes = UNDO_WITHIN // timedelta(minutes=1)
        text = _("There is no change of the last %(minutes)d minutes to undo.")
        raise ValidationError({"status": text % {"minutes": minutes}})
    for one in _events_undone_with(event):
        _undo_event(one, actor)
    return Interview.objects.get(pk=interview_id)


def _events_undone_with(event: InterviewEvent) -> list[InterviewEvent]:
    """All events of the batch, ordered so that no room is double-booked in between."""
    if event.batch is None:
        return [event]
    batch = list(
        InterviewEvent.objects.filter(batch=event.batch, undone_at=None).select_related("interview")
    )
    went_later = batch[0].interview.starts_at > _parse_time(batch[0].before["starts_at"])
    batch.sort(key=lambda one: one.interview.starts_at, reverse=not went_later)
    return batch


def _undo_event(event: InterviewEvent, actor: Actor) -> None:
    interview = Interview.objects.select_for_update().get(pk=event.interview_id)
    if interview.version != event.version and event.batch is not None:
        raise ValidationError(
            {"status": _("One of the shifted interviews has changed since then.")}
        )
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
    apply_transition(interview, action="undo", actor=actor, changes=restored)
    restore_withdrawn(interview)
    _notify_changes(interview, interviewers_before, old_status=old_status, has_moved=has_moved)


def _notify_changes(
    interview: Interview, before: set[int], *, old_status: str, has_moved: bool
) -> None:
    """Notify everybody of the restored plan; added and removed interviewers get only that news."""
    now = set(interviewer_ids(interview))
    notify(Event.UNASSIGNED, interview, before - now)
    if old_status in NOT_TAKING_PLACE:
        # Candidates are notified of cancellations, but not of no-shows.
        was_cancelled = old_status == Status.CANCELLED
        notify(Event.ASSIGNED, interview, now, and_candidate=was_cancelled)
        return
    notify(Event.ASSIGNED, interview, now - before)
    if has_moved:
        notify(Event.MOVED, interview, now & before, and_candidate=True)


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
