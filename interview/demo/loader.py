"""Loads the demo: people, two campaigns, and interviews from yesterday to tomorrow."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from interview.demo import campaigns, names, openings, people, plan
from interview.demo.campaigns import RoomSpec
from interview.demo.openings import Opening
from interview.demo.plan import Scenario, Slot
from interview.demo.writer import CampaignSetup, write_applicants, write_day
from jobs.models import Campaign, CampaignMember

SEED = 20261122
APPLICANTS = 60
YESTERDAY_SHARE, TOMORROW_SHARE = 0.45, 0.6
UNCONFIRMED_FROM = timedelta(hours=24)  # the board flags unconfirmed interviews that are nearer
UNCONFIRMED_SHARE = 0.4
HR_ROOM = next(number for number, room in enumerate(campaigns.ROOMS) if room.job == "people")
NO_ROOM = -1


@transaction.atomic
def load(*, password: str) -> bool:
    """Create the demo data as of now; return False if it exists already.

    password: for the new accounts among the six that can sign in; existing ones keep their own.
    """
    if Campaign.objects.filter(slug=campaigns.AUTUMN_SLUG).exists():
        return False
    random = Random(SEED)
    users = {p.username: people.get_or_create_user(p, password) for p in people.ACCOUNTS}
    others = (
        *people.LEAD_INTERVIEWERS,
        *people.SECOND_INTERVIEWERS,
        *people.HANGZHOU_INTERVIEWERS,
        people.HANGZHOU_COORDINATOR,
    )
    users |= {p.username: people.get_or_create_user(p) for p in others}
    autumn = _set_up_campaign(
        campaigns.create_autumn_campaign(),
        campaigns.ROOMS,
        openings.OPENINGS,
        users,
        "lin",
        random,
    )
    write_day(autumn, _autumn_days(autumn))
    write_applicants(autumn, APPLICANTS)
    hangzhou = _set_up_campaign(
        campaigns.create_hangzhou_campaign(),
        campaigns.HANGZHOU_ROOMS,
        openings.HANGZHOU_OPENINGS,
        users,
        people.HANGZHOU_COORDINATOR.username,
        random,
    )
    interviewers = [person.username for person in people.HANGZHOU_INTERVIEWERS]
    write_day(hangzhou, _today(hangzhou, interviewers, (), hr_room=NO_ROOM))
    return True


def _set_up_campaign(
    campaign: Campaign,
    rooms: Sequence[RoomSpec],
    texts: dict[str, Opening],
    users: dict[str, User],
    coordinator: str,
    random: Random,
) -> CampaignSetup:
    CampaignMember.objects.create(campaign=campaign, user=users[coordinator])
    jobs = openings.create_jobs(campaign, texts)
    return CampaignSetup(
        campaign=campaign,
        rooms=campaigns.create_rooms(campaign, rooms),
        jobs=[jobs[room.job] for room in rooms],
        users=users,
        coordinator=users[coordinator],
        candidates=names.candidates(random),
        random=random,
        now=timezone.now().astimezone(ZoneInfo(campaign.time_zone)),
    )


def _autumn_days(setup: CampaignSetup) -> list[Slot]:
    interviewers = [person.username for person in people.LEAD_INTERVIEWERS]
    interviewers.insert(0, "wu")
    interviewers.insert(3, "zhao")  # the next candidate is already waiting there
    second_interviewers = [person.username for person in people.SECOND_INTERVIEWERS]
    today = _today(setup, interviewers, second_interviewers, hr_room=HR_ROOM)
    return _yesterday(setup, interviewers) + today + _tomorrow(setup, interviewers)


def _today(
    setup: CampaignSetup,
    interviewers: Sequence[str],
    second_interviewers: Sequence[str],
    *,
    hr_room: int,
) -> list[Slot]:
    opening = plan.opening_time(setup.now)
    slots = plan.plan_day(
        opening, interviewers=interviewers, hr_room=hr_room, random=setup.random, now=setup.now
    )
    plan.add_second_interviewers(slots, second_interviewers, setup.random)
    plan.assign_scenarios(slots, setup.now, setup.random)
    return slots


def _yesterday(setup: CampaignSetup, interviewers: Sequence[str]) -> list[Slot]:
    return _other_day(setup, interviewers, days=-1, share=YESTERDAY_SHARE)


def _tomorrow(setup: CampaignSetup, interviewers: Sequence[str]) -> list[Slot]:
    slots = _other_day(setup, interviewers, days=1, share=TOMORROW_SHARE)
    for slot in slots:
        is_far = slot.starts_at > setup.now + UNCONFIRMED_FROM
        if is_far and setup.random.random() < UNCONFIRMED_SHARE:
            slot.scenario = Scenario.UNCONFIRMED
    return slots


def _other_day(
    setup: CampaignSetup, interviewers: Sequence[str], *, days: int, share: float
) -> list[Slot]:
    """Plan a regular day from 9:00, with this share of its slots used."""
    date = setup.now.date() + timedelta(days=days)
    nine = datetime.combine(date, time(9), setup.now.tzinfo)
    slots = plan.plan_day(
        nine, interviewers=interviewers, hr_room=HR_ROOM, random=setup.random, now=setup.now
    )
    slots = [slot for slot in slots if setup.random.random() < share]
    plan.add_second_interviewers(
        slots, [person.username for person in people.SECOND_INTERVIEWERS], setup.random
    )
    return slots
