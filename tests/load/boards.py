"""Creates boards in bulk for the benchmarks, of any size, and the coordinators who watch them."""

from __future__ import annotations

from datetime import timedelta
from itertools import count
from typing import Any

from django.contrib.auth.models import Group, User
from django.db import models
from django.test import Client
from django.utils import timezone

from interview.models import Interview, InterviewAssignment, Room, RoundTemplate
from interview.rules import days
from jobs.candidates.names import searchable_name
from jobs.candidates.pinyin import pinyin_of
from jobs.models import Application, Campaign, CampaignMember, Candidate, Job

CARDS_A_ROOM = 10
LENGTH = timedelta(minutes=45)
NAMES = ("王思远", "李小龙", "欧阳娜娜", "陈浩", "赵敏", "Ana Ruiz", "林岚", "吴磊")
_numbers = count(1)


def make_board(cards: int) -> tuple[Campaign, list[str]]:
    """Creates a campaign with this many interviews today; returns it and the cards' keys."""
    number = next(_numbers)
    campaign = Campaign.objects.create(slug=f"bench-{number}", name=f"Bench {number}", city="北京")
    job = Job.objects.create(campaign=campaign, title="Python 工程师", city="北京")
    applications = _applications(number, job, cards)
    rooms = [Room(campaign=campaign, name=f"A-{at}") for at in range(-(-cards // CARDS_A_ROOM))]
    interviews = _interviews(campaign, applications, _written(rooms))
    _written(_assignments(number, interviews))
    return campaign, [f"interview:{interview.pk}" for interview in interviews]


def add_later_days(campaign: Campaign, number_of_days: int) -> None:
    """Repeats today's times, rooms and interviewers on each following day, with new candidates."""
    today = list(campaign.interviews.prefetch_related("assignments"))
    for later in range(1, number_of_days + 1):
        applied = add_applications(campaign, len(today))
        pairs = zip(today, applied, strict=True)
        added = _written([_copy(one, timedelta(days=later), other) for one, other in pairs])
        _written(
            [
                InterviewAssignment(interview=copy, interviewer_id=part.interviewer_id)
                for one, copy in zip(today, added, strict=True)
                for part in one.assignments.all()
            ]
        )


def add_applications(campaign: Campaign, number_of_candidates: int) -> list[Application]:
    """Adds so many candidates who have applied in this campaign and have no interview."""
    job = campaign.jobs.get()
    added = _applications(next(_numbers), job, number_of_candidates)
    membership: Any = Campaign.candidates.through
    _written([membership(campaign=campaign, candidate_id=one.candidate_id) for one in added])
    return added


def _copy(interview: Interview, later: timedelta, application: Application) -> Interview:
    same = ("campaign_id", "round_id", "room_id", "status")
    return Interview(
        **{name: getattr(interview, name) for name in same},
        application=application,
        starts_at=interview.starts_at + later,
        ends_at=interview.ends_at + later,
    )


def _written(rows: list[Any]) -> list[Any]:
    """Creates rows in bulk and without change tracking, since nobody watches the board yet."""
    plain: models.QuerySet[Any] = models.QuerySet(type(rows[0]))
    return plain.bulk_create(rows, batch_size=2000)


def _applications(number: int, job: Job, cards: int) -> list[Application]:
    candidates = []
    for at in range(cards):
        name = NAMES[at % len(NAMES)]
        spelling = pinyin_of(name)
        mobile = f"+8610{number:03d}{at:06d}"
        candidates.append(
            Candidate(
                name=name,
                search_name=searchable_name(name),
                pinyin=spelling.pinyin,
                initials=spelling.initials,
                mobile=mobile,
            )
        )
    people = _written(candidates)
    return _written([Application(candidate=candidate, job=job) for candidate in people])


def _interviews(
    campaign: Campaign, applications: list[Application], rooms: list[Room]
) -> list[Interview]:
    first = RoundTemplate.objects.get(campaign=None, number=1)
    _, midnight = days.today_bounds(campaign.time_zone)
    this_hour = timezone.now().replace(minute=0, second=0, microsecond=0)
    first_start = min(this_hour, midnight - LENGTH * CARDS_A_ROOM)  # all on one day
    interviews = []
    for at, application in enumerate(applications):
        starts_at = first_start + LENGTH * (at % CARDS_A_ROOM)
        interview = Interview(
            campaign=campaign,
            application=application,
            round=first,
            room=rooms[at // CARDS_A_ROOM],
            starts_at=starts_at,
            ends_at=starts_at + LENGTH,
        )
        interviews.append(interview)
    return _written(interviews)


def _assignments(number: int, interviews: list[Interview]) -> list[InterviewAssignment]:
    """One interviewer for each room, so that nobody is double-booked."""
    rooms = sorted({interview.room_id for interview in interviews})
    people = [
        User(username=f"bench-{number}-{room}", first_name="Ada", last_name=f"No {room}")
        for room in rooms
    ]
    of_room = dict(zip(rooms, User.objects.bulk_create(people), strict=True))
    return [
        InterviewAssignment(interview=interview, interviewer=of_room[interview.room_id])
        for interview in interviews
    ]


def sessions_of_coordinators(campaign: Campaign, people: int) -> list[str]:
    """Signs so many coordinators of this campaign in; returns their session cookies."""
    coordinators = Group.objects.get(name="coordinator")
    cookies = []
    for _ in range(people):
        user = User.objects.create(username=f"watcher-{next(_numbers)}", last_name="Lin")
        user.groups.add(coordinators)
        CampaignMember.objects.create(campaign=campaign, user=user)
        client = Client()
        client.force_login(user)
        session = client.cookies["sessionid"].value
        # As in development, and as in production.
        cookies.append(f"sessionid={session}; __Host-sessionid={session}")
    return cookies
