"""Generates the traffic of an interview day: a fixed number of changes through the real services.

They include a whole room that is shifted, steps that are undone, and transactions that roll back.
A step that fails because a server died is tried again; it cannot happen twice, because each step
names the version it was decided on.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import chain, count
from typing import Any

from django.contrib.auth.models import User
from django.db import InterfaceError, OperationalError, connections, transaction
from django.utils import timezone

from interview.models import Interview
from interview.rules import days
from interview.services import StaleVersion, room_shift
from interview.services.actions import perform
from interview.services.transitions import Actor
from jobs.models import Campaign
from realtime.database import run_in_db_thread
from realtime.log import topics
from realtime.models import Change
from tests.factories import make_interview, make_interviewer, make_room

STEPS_OF_A_ROOM = 13
LAST_VERSIONS = (8, 7)  # of a room's two interviews, after all its steps
RETRY_SECONDS = 0.05
TIMEOUT_SECONDS = 120.0  # for a server that is restarting


class RolledBack(Exception):
    """Raised at the end of a transaction to roll it back."""


@dataclass(frozen=True, slots=True)
class Step:
    """One change, decided on a version of the interview; it raises the version by one."""

    room: int
    interview: int
    version: int
    action: str
    data: dict[str, Any] = field(default_factory=dict)


def noon_zone(now: datetime) -> str:
    """Returns a time zone where it is about noon, so that no midnight resets the day's counters."""
    ahead = 12 - now.astimezone(UTC).hour
    return f"Etc/GMT{-ahead:+d}"  # these names have the opposite sign


def traffic_board() -> str:
    """Returns the topic of today's board after `plan_traffic`, where it is noon."""
    return topics.board("autumn", days.today(noon_zone(timezone.now())))


def plan_traffic(
    campaign: Campaign, *, rooms: int, interviewer: User | None = None, seed: int = 1
) -> list[Step]:
    """Creates two interviews later today for each room; returns all their steps in mixed order.

    interviewer: takes the interviews of the first room; all other interviewers are created.
    """
    campaign.time_zone = noon_zone(timezone.now())
    campaign.save()
    scripts = []
    for number in range(rooms):
        people = [interviewer] if interviewer and number == 0 else None
        room = make_room(campaign=campaign)
        starts = [timezone.now() + timedelta(hours=hours) for hours in (3, 5)]
        both = [
            make_interview(campaign=campaign, room=room, starts_at=at, interviewers=people)
            for at in starts
        ]
        scripts.append(_script(room.pk, both[0].pk, both[1].pk, make_interviewer()))
    return list(_mixed(scripts, random.Random(seed)))


def _script(room: int, one: int, other: int, substitute: User) -> list[Step]:
    """Returns the steps of one room in their order."""
    swap = {"add": [substitute.pk], "reason": "Another pair of ears"}
    return [
        Step(room, one, 1, "confirm"),
        Step(room, other, 1, "confirm"),
        Step(room, one, 2, "shift"),  # both, at once
        Step(room, one, 3, "check-in, rolled back"),
        Step(room, one, 3, "undo"),  # undoes the shift of both
        Step(room, one, 4, "check-in"),
        Step(room, one, 5, "start"),
        Step(room, one, 6, "undo"),
        Step(room, other, 4, "reassign", swap),
        Step(room, other, 5, "cancel", {"reason": "No longer wanted", "side": "company"}),
        Step(room, one, 7, "start, rolled back"),
        Step(room, other, 6, "undo"),
        Step(room, one, 7, "start"),
    ]


def _mixed(scripts: list[list[Step]], rng: random.Random) -> Iterator[Step]:
    """Mixes the steps of all rooms, and keeps the order within a room."""
    turns = list(chain.from_iterable([number] * len(s) for number, s in enumerate(scripts)))
    rng.shuffle(turns)
    left = [iter(script) for script in scripts]
    return (next(left[number]) for number in turns)


def take(step: Step, by: User) -> None:
    """Takes the step. Raises StaleVersion if it has been taken already."""
    action, _, is_rolled_back = step.action.partition(", ")
    try:
        with transaction.atomic():
            if action == "shift":
                _shift(step, by)
            else:
                data = step.data | {"version": step.version}
                perform(action=action, interview_id=step.interview, by=by, source="test", data=data)
            if is_rolled_back:
                raise RolledBack
    except RolledBack:
        return


def _shift(step: Step, by: User) -> None:
    interview = Interview.objects.select_for_update().get(pk=step.interview)
    if interview.version != step.version:
        raise StaleVersion(interview)
    room_shift(
        room=interview.room,
        minutes=10,
        from_=interview.starts_at,
        actor=Actor(user=by, source="test"),
    )


def take_with_retries(step: Step, by: User) -> int:
    """Takes the step, retrying while a server is down; returns the number of attempts.

    If a connection breaks during COMMIT, the interview's version tells whether it was committed.
    """
    deadline = time.monotonic() + TIMEOUT_SECONDS
    for attempt in count(1):
        try:
            take(step, by)
        except StaleVersion:
            if attempt == 1:
                raise
        except (OperationalError, InterfaceError):
            if time.monotonic() > deadline:
                raise
            connections.close_all()
            time.sleep(RETRY_SECONDS)
            continue
        break
    return attempt


async def play(steps: Sequence[Step], by: User, *, every_seconds: float = 0.0) -> None:
    """Takes these steps one after the other, while the test does other things."""
    for step in steps:
        await run_in_db_thread(take_with_retries, step, by)
        await asyncio.sleep(every_seconds)


async def play_numbered(steps: Sequence[Step], by: User) -> None:
    """Takes these steps, each after the last has its positions, so that none are merged."""
    for step in steps:
        await run_in_db_thread(take_with_retries, step, by)
        await until_all_have_positions()


async def until_all_have_positions() -> None:
    """Waits until a relay has given every change its position."""
    async with asyncio.timeout(TIMEOUT_SECONDS):
        while await run_in_db_thread(number_pending):  # noqa: ASYNC110 the database has no event
            await asyncio.sleep(0.005)


def number_pending() -> int:
    return Change.objects.filter(position=None).count()


def versions(steps: Sequence[Step]) -> list[tuple[int, ...]]:
    """Returns the versions that the two interviews of each room have reached; see LAST_VERSIONS."""
    pairs: dict[int, tuple[int, ...]] = {}
    for interview in Interview.objects.filter(room__in={step.room for step in steps}).order_by(
        "pk"
    ):
        pairs[interview.room_id] = (*pairs.get(interview.room_id, ()), interview.version)
    return list(pairs.values())
