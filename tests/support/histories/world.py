"""The world of a random history: two campaigns, their people and rooms, and a clock moved by hand.

Every free choice goes through `Choose`, which Hypothesis answers (and shrinks on failure), or a
random number generator with a fixed seed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Protocol, TypeVar

from django.contrib.auth.models import Group, User

from interview import tasks
from interview.models import Criterion, Interview, Room, RoundTemplate
from interview.models.states import is_valid_transition
from interview.rules import days
from interview.services.transitions import Actor
from jobs.models import Application, Campaign
from realtime.log import topics
from tests.factories import make_application, make_campaign, make_interview, make_room
from tests.support.product.clock import Clock

T = TypeVar("T")

NOON_IN_BEIJING = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)


class Choose(Protocol):
    """Picks one of several."""

    def __call__(self, among: Sequence[T], /) -> T: ...


class NothingToDo(Exception):
    """Raised when the world holds no object for an action."""


@dataclass
class World:
    """The objects that exist when a history begins."""

    clock: Clock
    campaign: Campaign = field(init=False)
    elsewhere: Campaign = field(init=False)
    lin: User = field(init=False)
    coordinator: User = field(init=False)  # of every campaign
    wu: User = field(init=False)
    zhao: User = field(init=False)
    round: RoundTemplate = field(init=False)
    first_day: date = field(init=False)

    def __post_init__(self) -> None:
        self.clock.set(NOON_IN_BEIJING)
        self.first_day = days.today("Asia/Shanghai")
        self.campaign = make_campaign(slug="here")
        self.elsewhere = make_campaign(slug="elsewhere", time_zone="Europe/Berlin")
        self.lin, self.wu, self.zhao = (_person(name) for name in ("lin", "wu", "zhao"))
        self.coordinator = User.objects.create(username="coordinator", is_superuser=True)
        self.round = RoundTemplate.objects.create(campaign=self.campaign, number=1, name="一面")
        Criterion.objects.create(round=self.round, key="depth", name="深度")
        room = make_room(campaign=self.campaign, name="A-1")
        make_room(campaign=self.campaign, name="A-2")
        make_room(campaign=self.elsewhere, name="E-1")
        for campaign in (self.campaign, self.campaign, self.elsewhere):
            make_application(campaign=campaign)
        application = Application.objects.order_by("pk")[0]
        make_interview(
            application=application, room=room, round=self.round, interviewers=[self.wu, self.zhao]
        )
        tasks.sweep_clock()

    @property
    def topics(self) -> list[str]:
        """Returns topics of every kind, and two where they may interfere.

        The days begin before the history and end after the days to which it moves interviews.
        """
        around = [self.first_day + count * days.DAY for count in range(-1, 4)]
        return [
            *(topics.board(self.campaign.slug, day) for day in around),
            *(topics.board(self.elsewhere.slug, day) for day in around[1:3]),
            *(topics.wall(self.campaign.slug, day) for day in around[1:3]),
            topics.person(self.wu.pk),
            topics.person(self.zhao.pk),
            topics.tasks(),
            topics.tasks(self.wu.pk),
        ]

    def interview(self, choose: Choose, action: str = "") -> Interview:
        """Returns an interview; one that allows this action, if there is one."""
        every = list(Interview.objects.order_by("pk"))
        ready = [one for one in every if is_valid_transition(action, one.status)]
        return one_of(choose, ready or every)

    def room(self, choose: Choose, campaign: Campaign | None = None) -> Room:
        rooms = Room.objects.filter(campaign=campaign) if campaign else Room.objects.all()
        return one_of(choose, list(rooms.order_by("pk")))

    def interviewer(self, choose: Choose) -> User:
        return choose([self.wu, self.zhao])

    def actor(self, choose: Choose) -> Actor:
        return Actor(user=choose([self.wu, self.zhao, self.lin, None]), source="test")


def one_of(choose: Choose, among: Sequence[T]) -> T:
    """Returns one of these. Raises NothingToDo if there are none."""
    if not among:
        raise NothingToDo
    return choose(among)


def _person(name: str) -> User:
    person = User.objects.create(username=name, first_name=name)
    if name != "lin":
        person.groups.add(Group.objects.get(name="interviewer"))
    return person
