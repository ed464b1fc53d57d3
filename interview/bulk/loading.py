"""Loads a stored plan and all bookings around it as the plain values of `proposals`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

from interview.bulk.proposals import Constraints, InterviewRequest, Resources
from interview.bulk.time_slots import time_slots
from interview.models import BulkLine, BulkPlan, Room
from interview.models.time_spans import TimeSpan
from interview.rules.bookings import (
    Appointment,
    candidate_bookings,
    enclosing_days,
    interviewer_bookings,
    place_of,
    room_bookings,
)


def zone_of(plan: BulkPlan) -> ZoneInfo:
    return ZoneInfo(plan.campaign.time_zone)


def future_slots(plan: BulkPlan) -> list[TimeSpan]:
    """Returns the plan's time slots that have not started yet."""
    slots = time_slots(
        plan.days,
        opens_at=plan.opens_at,
        closes_at=plan.closes_at,
        length=timedelta(minutes=plan.slot_minutes),
        pause=plan.buffer,
        zone=zone_of(plan),
    )
    now = timezone.now()
    return [span for span in slots if span.starts_at > now]


def constraints_of(plan: BulkPlan) -> Constraints:
    return Constraints(people=plan.people_each, buffer=plan.buffer, load_limit=plan.daily_limit)


def request_of(line: BulkLine) -> InterviewRequest:
    return InterviewRequest(line.application_id, line.application.candidate_id)


def load_resources(
    plan: BulkPlan, lines: Sequence[BulkLine], slots: Iterable[TimeSpan]
) -> Resources:
    """Loads the bookings of all rooms, interviewers and candidates involved. Takes three queries.

    The bookings include existing interviews and the placed lines among `lines`, which must have
    their applications and rooms loaded. `slots` widens the period to the slots a proposal may use.
    """
    placed = [(line, line.span) for line in lines if line.is_placed and line.span]
    zone = zone_of(plan)
    spans = [*slots, *(span for _line, span in placed)]
    within = enclosing_days(spans or [TimeSpan(timezone.now(), timezone.now())], zone)
    people = {*plan.interviewers, *(one for line in lines for one in line.interviewers)}
    rooms = {*plan.rooms, *(line.room_id for line in lines if line.room_id)}
    candidates = {line.application.candidate_id for line in lines}
    resources = Resources(
        rooms=plan.rooms,
        interviewers=plan.interviewers,
        room_bookings=room_bookings(rooms, within, zone),
        interviewer_bookings=interviewer_bookings(people, within, zone),
        candidate_bookings=candidate_bookings(candidates, within, zone),
    )
    for line, span in placed:
        book(line, span, resources)
    return resources


def book(line: BulkLine, span: TimeSpan, resources: Resources) -> None:
    """Adds the line's placement to the bookings."""
    place = _place_of(line)
    if line.room_id is not None:
        resources.room_bookings.book(line.room_id, span, place)
    resources.candidate_bookings.book(line.application.candidate_id, span, place)
    for person in line.interviewers:
        resources.interviewer_bookings.book(person, span, place)


def release(line: BulkLine, span: TimeSpan, resources: Resources) -> None:
    """Removes the line's placement from the bookings."""
    place = _place_of(line)
    if line.room_id is not None:
        resources.room_bookings.release(line.room_id, span, place)
    resources.candidate_bookings.release(line.application.candidate_id, span, place)
    for person in line.interviewers:
        resources.interviewer_bookings.release(person, span, place)


def appointment_of(line: BulkLine, span: TimeSpan, room: Room) -> Appointment:
    return Appointment(
        span=span,
        room=room.pk,
        place=_place_of(line),
        candidate=line.application.candidate_id,
        interviewers=tuple(line.interviewers),
    )


def _place_of(line: BulkLine) -> int | None:
    return place_of(line.room.pk, line.room.kind) if line.room else None
