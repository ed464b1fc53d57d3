"""What happens to watched rows without a service: the admin, a shell, a cascade, a rollback."""

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
from tests.support.histories.actions import ACTS, REFUSALS, act
from tests.support.histories.world import Choose, World, one_of


@act()
def one_interview_deleted(world: World, choose: Choose) -> None:
    world.interview(choose).delete()


@act()
def interviews_deleted_at_once(world: World, choose: Choose) -> None:
    room = world.room(choose)
    Interview.objects.filter(room=room).delete()


@act()
def part_deleted(world: World, choose: Choose) -> None:
    one_of(choose, list(InterviewAssignment.objects.order_by("pk"))).delete()


@act()
def scorecard_deleted(world: World, choose: Choose) -> None:
    one_of(choose, list(Scorecard.objects.order_by("pk"))).delete()


@act()
def notice_deleted(world: World, choose: Choose) -> None:
    one_of(choose, list(Notification.objects.order_by("pk"))).delete()


@act()
def room_deleted(world: World, choose: Choose) -> None:
    world.room(choose).delete()


@act()
def rooms_made_at_once(world: World, choose: Choose) -> None:
    names = [f"C-{uuid4().hex[:8]}" for _ in range(choose([1, 3]))]
    Room.objects.bulk_create(Room(campaign=world.campaign, name=name) for name in names)


@act()
def interviews_changed_at_once(world: World, choose: Choose) -> None:
    interviews = list(Interview.objects.order_by("pk"))[: choose([1, 3])]
    for interview in interviews:
        interview.side = choose(["candidate", "company"])
        interview.version += 1
    Interview.objects.bulk_update(interviews, ["side", "version"])


@act()
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


@act()
def person_renamed(world: World, choose: Choose) -> None:
    person = world.interviewer(choose)
    person = type(person).objects.get(pk=person.pk)
    person.first_name = choose(["超", "磊"])
    person.save()


@act()
def round_renamed(world: World, choose: Choose) -> None:
    round = RoundTemplate.objects.get(pk=world.round.pk)
    round.name = choose(["初面", "技术面"])
    round.save()


@act()
def criterion_renamed(world: World, choose: Choose) -> None:
    criterion = Criterion.objects.get(round=world.round)
    criterion.name = choose(["广度", "深度"])
    criterion.save()


@act()
def run_deleted(world: World, choose: Choose) -> None:
    one_of(choose, list(TaskRun.objects.order_by("created_at"))).delete()


class Regret(Exception):
    """Ends a transaction that is not to be."""


@act()
def rolled_back(world: World, choose: Choose) -> None:
    """What happened in a transaction that is taken back has not happened."""
    name = choose([name for name in sorted(ACTS) if name not in NEVER_NESTED])
    try:
        with transaction.atomic():
            ACTS[name](world, choose)
            raise Regret
    except Regret:
        pass


@act()
def rolled_back_in_part(world: World, choose: Choose) -> None:
    """One step stays, the next is taken back to the savepoint, and a third stays."""
    with transaction.atomic():
        for is_kept in (True, False, True):
            name = choose([name for name in sorted(ACTS) if name not in NEVER_NESTED])
            try:
                with transaction.atomic():
                    ACTS[name](world, choose)
                    if not is_kept:
                        raise Regret
            except (Regret, *REFUSALS):
                pass


# The sweep's mark is in the cache, which no rollback reaches.
NEVER_NESTED = {"rolled_back", "rolled_back_in_part", "sweep"}
