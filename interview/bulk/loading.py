"""A stored plan as the plain values that `proposing` and `concerns` work with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

from interview.bulk.proposals import Ask, Rules, World
from interview.bulk.times import times_of
from interview.models import BulkLine, BulkPlan
from interview.models.time_spans import Span
from interview.rules.bookings import around, candidate_diary, interviewer_diary, room_diary


def zone_of(plan: BulkPlan) -> ZoneInfo:
    return ZoneInfo(plan.campaign.time_zone)


def times_ahead(plan: BulkPlan) -> list[Span]:
    """The plan's times that have not begun."""
    times = times_of(
        plan.days,
        opens_at=plan.opens_at,
        closes_at=plan.closes_at,
        length=timedelta(minutes=plan.slot_minutes),
        pause=plan.buffer,
        zone=zone_of(plan),
    )
    now = timezone.now()
    return [span for span in times if span.starts_at > now]


def rules_of(plan: BulkPlan) -> Rules:
    return Rules(people=plan.people_each, buffer=plan.buffer, load_limit=plan.daily_limit)


def ask_of(line: BulkLine) -> Ask:
    return Ask(line.application_id, line.application.candidate_id)


def world_of(plan: BulkPlan, lines: Sequence[BulkLine], times: Iterable[Span]) -> World:
    """What stands in the way: the interviews there are, and what these lines want. Three queries.

    lines: with their applications. times: where else somebody looks for a place.
    """
    wanted = [(line, line.span) for line in lines if line.is_placed and line.span]
    zone = zone_of(plan)
    spans = [*times, *(span for _line, span in wanted)]
    within = around(spans or [Span(timezone.now(), timezone.now())], zone)
    people = {*plan.interviewers, *(one for line in lines for one in line.interviewers)}
    rooms = {*plan.rooms, *(line.room_id for line in lines if line.room_id)}
    candidates = {line.application.candidate_id for line in lines}
    world = World(
        rooms=plan.rooms,
        interviewers=plan.interviewers,
        room_diary=room_diary(rooms, within, zone),
        interviewer_diary=interviewer_diary(people, within, zone),
        candidate_diary=candidate_diary(candidates, within, zone),
    )
    for line, span in wanted:
        book(line, span, world)
    return world


def book(line: BulkLine, span: Span, world: World) -> None:
    if line.room_id is not None:
        world.room_diary.book(line.room_id, span)
    world.candidate_diary.book(line.application.candidate_id, span)
    for person in line.interviewers:
        world.interviewer_diary.book(person, span)


def release(line: BulkLine, span: Span, world: World) -> None:
    if line.room_id is not None:
        world.room_diary.release(line.room_id, span)
    world.candidate_diary.release(line.application.candidate_id, span)
    for person in line.interviewers:
        world.interviewer_diary.release(person, span)
