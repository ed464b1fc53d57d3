"""Locks on the schedules of rooms, interviewers and candidates.

Services that decide about conflicts hold these locks until the transaction ends. Of two requests at
once, the second sees what the first has booked. They are PostgreSQL's advisory locks: nothing else
waits for them. They are taken before any row is locked, all in one statement and in one order, to
prevent deadlocks.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum

from django.contrib.auth.models import User
from django.db import connection

from interview.models import Interview, InterviewAssignment, Room
from interview.services.transitions import StaleVersion, lock_interview

KIND_BITS = 56  # an id has fewer bits


class Schedule(IntEnum):
    """Kinds of schedules; part of the key of a lock."""

    ROOM = 1
    INTERVIEWER = 2
    CANDIDATE = 3


def lock_schedules(
    *,
    rooms: Iterable[int] = (),
    interviewers: Iterable[int] = (),
    candidates: Iterable[int] = (),
) -> None:
    """Lock these schedules, by id, until the transaction ends. Locking again is harmless.

    Must be called before rows of interviews, plans, applications or candidates are locked. Takes
    one query.
    """
    owners = {
        Schedule.ROOM: rooms,
        Schedule.INTERVIEWER: interviewers,
        Schedule.CANDIDATE: candidates,
    }
    keys = sorted({(kind << KIND_BITS) + pk for kind, ids in owners.items() for pk in ids})
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(key) FROM unnest(%s::bigint[]) AS key", [keys])


def lock_with_schedules(
    interview_id: int,
    *,
    version: int,
    action: str,
    room: Room | None = None,
    joining: Iterable[User] = (),
) -> Interview:
    """Like `lock_interview`, after locking the schedules that a change of time or people concerns.

    room, joining: the new room and new interviewers. Raises StaleVersion also if the candidate has
    just been merged into another one.
    """
    found = Interview.objects.filter(pk=interview_id)
    place = found.values_list("room", "application__candidate").first()
    if place is None:
        raise Interview.DoesNotExist
    here = InterviewAssignment.objects.filter(interview=interview_id)
    lock_schedules(
        rooms={place[0], room.pk if room else place[0]},
        interviewers={*here.values_list("interviewer", flat=True), *(one.pk for one in joining)},
        candidates=[place[1]],
    )
    # The version proves that room and interviewers are still those that were locked.
    interview = lock_interview(interview_id, version=version, action=action)
    if interview.application.candidate_id != place[1]:
        raise StaleVersion(interview)
    return interview
