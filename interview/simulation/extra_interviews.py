"""Adds interviews to a day that runs out of them: new candidates, soon, in any free room."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from random import Random

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction

from interview import services
from interview.demo import names
from interview.demo.plan import GRID, round_down_to_grid
from interview.models import Interview, Room, RoundTemplate
from interview.services.transitions import Actor
from interview.simulation.day import Day
from jobs.applications.services import application_create
from jobs.candidates.services import candidate_create
from jobs.models import Application, Campaign, Candidate

DURATION = timedelta(minutes=10)  # short, because full rooms have only small gaps
LOOK_AHEAD = timedelta(minutes=40)
EXTRA_ROOMS = 4
EXTRA_NAME = "Online S{number}"
MAX_ATTEMPTS = 5
LEAST_BUSY = 5  # choose among several: a person may be booked in another campaign


@transaction.atomic
def add_interview(
    campaign: Campaign, day: Day, now: datetime, actor: Actor, random: Random
) -> Interview | None:
    """Create an interview in the next free slot and return it.

    Returns None if no room or interviewer is free soon; then opens another video room for the next
    attempt, up to EXTRA_ROOMS.
    """
    slot = next(_free_slots(day, now, random), None)
    if slot is None:
        _open_extra_room(campaign)
        return None
    room_id, starts_at, person = slot
    return services.interview_create(
        application=_application(campaign, actor.user, random),
        round=RoundTemplate.objects.for_campaign(campaign.pk).get(number=1),
        room=Room.objects.get(pk=room_id),
        starts_at=starts_at,
        ends_at=starts_at + DURATION,
        interviewers=[User.objects.get(pk=person)],
        actor=actor,
    )


def _free_slots(day: Day, now: datetime, random: Random) -> Iterator[tuple[int, datetime, int]]:
    starts_at = round_down_to_grid(now) + GRID
    while starts_at <= now + LOOK_AHEAD:
        rooms = day.free_rooms(starts_at, starts_at + DURATION)
        people = day.free_people(starts_at, starts_at + DURATION)
        if rooms and people:
            yield random.choice(rooms), starts_at, random.choice(people[:LEAST_BUSY])
        starts_at += GRID


def _open_extra_room(campaign: Campaign) -> None:
    opened = set(campaign.rooms.values_list("name", flat=True))
    for number in range(1, EXTRA_ROOMS + 1):
        name = EXTRA_NAME.format(number=number)
        if name not in opened:
            services.room_save(
                room=Room(campaign=campaign, name=name, kind=Room.Kind.VIDEO, position=100 + number)
            )
            return


def _application(campaign: Campaign, by: User | None, random: Random) -> Application:
    """Return an application without an interview, else create one."""
    waiting = Application.objects.filter(
        job__campaign=campaign, stage=Application.Stage.APPLIED, interviews=None
    ).order_by("pk")
    application = waiting.select_related("job__campaign").first()
    if application is not None:
        return application
    job = random.choice(list(campaign.jobs.order_by("pk")))
    return application_create(candidate=_new_candidate(campaign, random), job=job, by=by)


def _new_candidate(campaign: Campaign, random: Random) -> Candidate:
    """Create a candidate.

    Raises ValidationError if the generated phone number or e-mail is taken MAX_ATTEMPTS times.
    """
    people = names.candidates(random)
    for _ in range(MAX_ATTEMPTS - 1):
        with suppress(ValidationError):
            return candidate_create(campaign=campaign, **next(people))
    return candidate_create(campaign=campaign, **next(people))
