"""Undo: the last step of an interview is taken back, for ten minutes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from interview.models import Interview, InterviewAssignment, InterviewEvent, Notification
from interview.notifications.in_app import notify
from interview.notifications.withdrawal import tell_after_all
from interview.services.interview_day import interviewer_ids
from interview.services.transitions import Actor, StaleVersion, apply_transition

Event = Notification.Event
UNDO_WITHIN = timedelta(minutes=10)
MOMENTS = ("starts_at", "ends_at", "arrived_at", "started_at", "finished_at")
NOT_UNDOABLE = ("create", "undo", "complete", "not-attended", "offer-times")


def undoable_event(interview: Interview) -> InterviewEvent | None:
    """The step that undo would take back, if it is young enough."""
    since = timezone.now() - UNDO_WITHIN
    last = interview.events.filter(undone_at=None).exclude(action="undo").last()
    if last is None or last.action in NOT_UNDOABLE or last.at < since:
        return None
    return last


@transaction.atomic
def interview_undo(*, interview_id: int, version: int, actor: Actor) -> Interview:
    """Take back the last step; a room's shift is taken back as a whole.

    Raises StaleVersion, and ValidationError on `status` when nothing can be undone, or on `room`
    when the old place has been taken meanwhile.
    """
    interview = Interview.objects.select_for_update().get(pk=interview_id)
    if interview.version != version:
        raise StaleVersion(interview)
    event = undoable_event(interview)
    if event is None:
        raise ValidationError({"status": _("There is nothing to undo within ten minutes.")})
    for step in _steps_undone_with(event):
        _take_back(step, actor)
    return Interview.objects.get(pk=interview_id)


def _steps_undone_with(event: InterviewEvent) -> list[InterviewEvent]:
    """The event's whole batch, in an order in which no room is taken twice on the way."""
    if event.batch is None:
        return [event]
    batch = list(
        InterviewEvent.objects.filter(batch=event.batch, undone_at=None).select_related("interview")
    )
    went_later = batch[0].interview.starts_at > _moment(batch[0].before["starts_at"])
    batch.sort(key=lambda step: step.interview.starts_at, reverse=not went_later)
    return batch


def _take_back(event: InterviewEvent, actor: Actor) -> None:
    interview = Interview.objects.select_for_update().get(pk=event.interview_id)
    if interview.version != event.version and event.batch is not None:
        raise ValidationError(
            {"status": _("One of the shifted interviews has been changed since.")}
        )
    was = interview.status
    restored = {
        name: _moment(value) if name in MOMENTS else value
        for name, value in event.before.items()
        if name != "assignments"
    }
    has_moved = (restored["starts_at"], restored["room_id"]) != (
        interview.starts_at,
        interview.room_id,
    )
    took_part = set(interviewer_ids(interview))
    _restore_parts(interview, event.before["assignments"])
    event.undone_at = timezone.now()
    event.save(update_fields=["undone_at"])
    apply_transition(interview, action="undo", actor=actor, changes=restored)
    tell_after_all(interview)
    _tell(interview, took_part, was=was, has_moved=has_moved)


def _tell(interview: Interview, took_part: set[int], *, was: str, has_moved: bool) -> None:
    """Everybody of what is so again; who comes or goes with it, of just that."""
    takes_part = set(interviewer_ids(interview))
    notify(Event.UNASSIGNED, interview, took_part - takes_part)
    if was in {"cancelled", "no_show"}:
        # Of a no-show the candidate had not been told.
        notify(Event.ASSIGNED, interview, takes_part, and_candidate=was == "cancelled")
        return
    notify(Event.ASSIGNED, interview, takes_part - took_part)
    if has_moved:
        notify(Event.MOVED, interview, takes_part & took_part, and_candidate=True)


def _restore_parts(interview: Interview, parts: list[list[Any]]) -> None:
    before = {user_id: (response, late) for user_id, response, late in parts}
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


def _moment(value: str | None) -> Any:
    return None if value is None else parse_datetime(value)
