"""Loads the demo: people, two campaigns, and three days of interviews around the present moment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from interview.demo import cast, names, openings, places, plan
from interview.demo.openings import Opening
from interview.demo.places import Place
from interview.demo.plan import Role, Slot
from interview.demo.writer import Stage, write_applicants, write_day
from jobs.models import Campaign, CampaignMember

SEED = 20261122
APPLICANTS = 60
YESTERDAY_SHARE, TOMORROW_SHARE = 0.45, 0.6
UNCONFIRMED_FROM = timedelta(hours=24)  # an unconfirmed interview nearer than that is an alarm
UNCONFIRMED_SHARE = 0.4
HR_ROOM = next(number for number, place in enumerate(places.ROOMS) if place.job == "people")


@transaction.atomic
def load(*, password: str) -> bool:
    """Create the demo as of now. False when it is there already, and nothing was done.

    password: of the six people one can sign in as; a person who exists keeps his own.
    """
    if Campaign.objects.filter(slug=places.AUTUMN).exists():
        return False
    random = Random(SEED)
    people = {p.username: cast.ensure_person(p, password) for p in cast.SIGN_INS}
    others = (*cast.HOSTS, *cast.JOINING, *cast.ELSEWHERE, cast.OTHER_COORDINATOR)
    people |= {p.username: cast.ensure_person(p) for p in others}
    autumn = _set_up(
        places.autumn_campaign(), places.ROOMS, openings.OPENINGS, people, "lin", random
    )
    write_day(autumn, _autumn_days(autumn))
    write_applicants(autumn, APPLICANTS)
    other = _set_up(
        places.other_campaign(),
        places.OTHER_ROOMS,
        openings.OTHER_OPENINGS,
        people,
        cast.OTHER_COORDINATOR.username,
        random,
    )
    write_day(other, _today(other, [p.username for p in cast.ELSEWHERE], (), hr_room=-1))
    return True


def _set_up(
    campaign: Campaign,
    rooms: Sequence[Place],
    texts: dict[str, Opening],
    people: dict[str, User],
    coordinator: str,
    random: Random,
) -> Stage:
    CampaignMember.objects.create(campaign=campaign, user=people[coordinator])
    jobs = openings.make_jobs(campaign, texts)
    return Stage(
        campaign=campaign,
        rooms=places.make_rooms(campaign, rooms),
        jobs=[jobs[place.job] for place in rooms],
        people=people,
        coordinator=people[coordinator],
        candidates=names.candidates(random),
        random=random,
        now=timezone.now().astimezone(ZoneInfo(campaign.time_zone)),
    )


def _autumn_days(stage: Stage) -> list[Slot]:
    hosts = [person.username for person in cast.HOSTS]
    hosts.insert(0, "wu")
    hosts.insert(3, "zhao")  # A-304, where the next candidate already waits
    joining = [person.username for person in cast.JOINING]
    today = _today(stage, hosts, joining, hr_room=HR_ROOM)
    return _yesterday(stage, hosts) + today + _tomorrow(stage, hosts)


def _today(
    stage: Stage, hosts: Sequence[str], joining: Sequence[str], *, hr_room: int
) -> list[Slot]:
    opening = plan.opening_of(stage.now)
    slots = plan.day_of(opening, hosts=hosts, hr_room=hr_room, random=stage.random, now=stage.now)
    plan.join(slots, joining, stage.random)
    plan.cast_roles(slots, stage.now, stage.random)
    return slots


def _yesterday(stage: Stage, hosts: Sequence[str]) -> list[Slot]:
    return _other_day(stage, hosts, days=-1, share=YESTERDAY_SHARE)


def _tomorrow(stage: Stage, hosts: Sequence[str]) -> list[Slot]:
    slots = _other_day(stage, hosts, days=1, share=TOMORROW_SHARE)
    for slot in slots:
        is_far = slot.starts_at > stage.now + UNCONFIRMED_FROM
        if is_far and stage.random.random() < UNCONFIRMED_SHARE:
            slot.role = Role.UNCONFIRMED
    return slots


def _other_day(stage: Stage, hosts: Sequence[str], *, days: int, share: float) -> list[Slot]:
    """A usual day from nine, with this share of its slots in use."""
    date = stage.now.date() + timedelta(days=days)
    nine = datetime.combine(date, time(9), stage.now.tzinfo)
    slots = plan.day_of(nine, hosts=hosts, hr_room=HR_ROOM, random=stage.random, now=stage.now)
    slots = [slot for slot in slots if stage.random.random() < share]
    plan.join(slots, [person.username for person in cast.JOINING], stage.random)
    return slots
