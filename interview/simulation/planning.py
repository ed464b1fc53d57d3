"""One more interview, when the day's plan is running out: somebody new, soon, wherever there is
room.
"""

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
from interview.demo.plan import GRID, on_grid
from interview.models import Interview, Room, RoundTemplate
from interview.services.transitions import Actor
from interview.simulation.day import Day
from jobs.applications.services import application_create
from jobs.candidates.services import candidate_create
from jobs.models import Application, Campaign, Candidate

SHORT = timedelta(minutes=10)  # short ones: the rooms of a full day have little time left
LOOKED_AHEAD = timedelta(minutes=40)
EXTRA_ROOMS = 4
EXTRA_NAME = "Online S{number}"
TRIES = 5
LEAST_LOADED = 5  # whoever seems free may be booked in another campaign: not always the same


@transaction.atomic
def plan_one_more(
    campaign: Campaign, day: Day, now: datetime, actor: Actor, random: Random
) -> Interview | None:
    """Plan an interview in the next free place, or None when every room and person is taken.

    When no room is free before long, one more video room is opened, up to four.
    """
    place = next(_free_places(day, now, random), None)
    if place is None:
        _open_a_room(campaign)  # the next look at the day finds it
        return None
    room_id, starts_at, person = place
    return services.interview_create(
        application=_application(campaign, actor.user, random),
        round=RoundTemplate.objects.for_campaign(campaign.pk).get(number=1),
        room=Room.objects.get(pk=room_id),
        starts_at=starts_at,
        ends_at=starts_at + SHORT,
        interviewers=[User.objects.get(pk=person)],
        actor=actor,
    )


def _free_places(day: Day, now: datetime, random: Random) -> Iterator[tuple[int, datetime, int]]:
    starts_at = on_grid(now) + GRID
    while starts_at <= now + LOOKED_AHEAD:
        rooms = day.free_rooms(starts_at, starts_at + SHORT)
        people = day.free_people(starts_at, starts_at + SHORT)
        if rooms and people:
            yield random.choice(rooms), starts_at, random.choice(people[:LEAST_LOADED])
        starts_at += GRID


def _open_a_room(campaign: Campaign) -> None:
    opened = set(campaign.rooms.values_list("name", flat=True))
    for number in range(1, EXTRA_ROOMS + 1):
        name = EXTRA_NAME.format(number=number)
        if name not in opened:
            services.room_save(
                room=Room(campaign=campaign, name=name, kind=Room.Kind.VIDEO, position=100 + number)
            )
            return


def _application(campaign: Campaign, by: User | None, random: Random) -> Application:
    """Somebody who has applied and waits, else somebody new."""
    waiting = Application.objects.filter(
        job__campaign=campaign, stage=Application.Stage.APPLIED, interviews=None
    ).order_by("pk")
    application = waiting.select_related("job__campaign").first()
    if application is not None:
        return application
    job = random.choice(list(campaign.jobs.order_by("pk")))
    return application_create(candidate=_somebody_new(campaign, random), job=job, by=by)


def _somebody_new(campaign: Campaign, random: Random) -> Candidate:
    """A new candidate. Raises ValidationError if generated contacts are taken again and again."""
    people = names.candidates(random)
    for _ in range(TRIES - 1):
        with suppress(ValidationError):
            return candidate_create(campaign=campaign, **next(people))
    return candidate_create(campaign=campaign, **next(people))
