"""Changes to watched rows without a service: by the admin, a shell, a cascade or a rollback."""

from __future__ import annotations

from uuid import uuid4

from django.db import transaction

from interview.models import (
    Criterion,
    Interview,
    InterviewAssignment,
    Notification,
    Room,
    RoundTemplate,
    Scorecard,
)
from realtime.models import TaskRun
from tests.support.histories.actions import ACTIONS, REFUSALS, action
from tests.support.histories.world import Choose, World, one_of


@action()
def one_interview_deleted(world: World, choose: Choose) -> None:
    world.interview(choose).delete()


@action()
def interviews_deleted_at_once(world: World, choose: Choose) -> None:
    room = world.room(choose)
    Interview.objects.filter(room=room).delete()


@action()
def part_deleted(world: World, choose: Choose) -> None:
    one_of(choose, list(InterviewAssignment.objects.order_by("pk"))).delete()


@action()
def scorecard_deleted(world: World, choose: Choose) -> None:
    one_of(choose, list(Scorecard.objects.order_by("pk"))).delete()


@action()
def notice_deleted(world: World, choose: Choose) -> None:
    one_of(choose, list(Notification.objects.order_by("pk"))).delete()


@action()
def room_deleted(world: World, choose: Choose) -> None:
    world.room(choose).delete()


@action()
def rooms_made_at_once(world: World, choose: Choose) -> None:
    names = [f"C-{uuid4().hex[:8]}" for _ in range(choose([1, 3]))]
    Room.objects.bulk_create(Room(campaign=world.campaign, name=name) for name in names)


@action()
def interviews_changed_at_once(world: World, choose: Choose) -> None:
    interviews = list(Interview.objects.order_by("pk"))[: choose([1, 3])]
    for interview in interviews:
        interview.side = choose(["candidate", "company"])
        interview.version += 1
    Interview.objects.bulk_update(interviews, ["side", "version"])


@action()
def notices_sent_at_once(world: World, choose: Choose) -> None:
    interview = world.interview(choose)
    Notification.objects.bulk_create(
        Notification(
            recipient=person,
            event=choose(["reminder", "late"]),
            interview=choose([interview, None]),
            at=world.clock.now(),
            idempotency_key=uuid4().hex,
        )
        for person in (world.wu, world.zhao)
    )


@action()
def person_renamed(world: World, choose: Choose) -> None:
    person = world.interviewer(choose)
    person = type(person).objects.get(pk=person.pk)
    person.first_name = choose(["超", "磊"])
    person.save()


@action()
def round_renamed(world: World, choose: Choose) -> None:
    round = RoundTemplate.objects.get(pk=world.round.pk)
    round.name = choose(["初面", "技术面"])
    round.save()


@action()
def criterion_renamed(world: World, choose: Choose) -> None:
    criterion = Criterion.objects.get(round=world.round)
    criterion.name = choose(["广度", "深度"])
    criterion.save()


@action()
def run_deleted(world: World, choose: Choose) -> None:
    one_of(choose, list(TaskRun.objects.order_by("created_at"))).delete()


class RollBack(Exception):
    """Ends a transaction that shall be rolled back."""


@action()
def rolled_back(world: World, choose: Choose) -> None:
    """An action in a transaction that is rolled back."""
    name = choose([name for name in sorted(ACTIONS) if name not in NEVER_NESTED])
    try:
        with transaction.atomic():
            ACTIONS[name](world, choose)
            raise RollBack
    except RollBack:
        pass


@action()
def rolled_back_in_part(world: World, choose: Choose) -> None:
    """Three actions in one transaction; the second is rolled back to its savepoint."""
    with transaction.atomic():
        for is_kept in (True, False, True):
            name = choose([name for name in sorted(ACTIONS) if name not in NEVER_NESTED])
            try:
                with transaction.atomic():
                    ACTIONS[name](world, choose)
                    if not is_kept:
                        raise RollBack
            except (RollBack, *REFUSALS):
                pass


# The sweep keeps its mark in the cache, which a rollback does not restore.
NEVER_NESTED = {"rolled_back", "rolled_back_in_part", "sweep"}
