"""All actions of the interview services."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from interview import services
from interview.live.clock_sweep import record_time_changes
from interview.models import Interview, OfferedTime, Room, Scorecard
from interview.models.labels import CANDIDATE_SOURCE
from interview.models.states import SCORABLE
from interview.notifications.reminders import alarms, daily_digest, scorecards, upcoming
from interview.services.transitions import Actor
from interview.tasks import sweep_clock
from jobs.models import Application
from tests.factories import make_interview
from tests.support.histories.actions import action
from tests.support.histories.world import Choose, World, one_of

STEPS: dict[Callable[..., Any], tuple[str, dict[str, list[Any]]]] = {
    services.interview_confirm: ("confirm", {}),
    services.interview_excuse: ("excuse", {"reason": ["ill"]}),
    services.interview_check_in: ("check-in", {}),
    services.interview_report_missing: ("report-missing", {}),
    services.interview_start: ("start", {}),
    services.interview_finish: ("finish", {}),
    services.interview_no_show: ("no-show", {"side": ["candidate", "interviewer"]}),
    services.interview_cancel: ("cancel", {"reason": ["ill"], "side": ["candidate", "company"]}),
    services.interview_undo: ("", {"override_reason": ["", "agreed"]}),
    services.interview_accept: ("accept", {}),
    services.interview_decline: ("decline", {"reason": ["flight", ""]}),
    services.interview_running_late: ("running-late", {"minutes": [0, 7, 45, 500]}),
    services.scorecard_dismiss: ("not-attended", {}),
}


def _taker(world: World, choose: Choose, interview: Interview) -> Actor:
    """Returns an actor: mostly one of the interviewers, who may take every step."""
    parts = list(interview.assignments.select_related("interviewer"))
    people = [part.interviewer for part in parts for _ in range(3)]
    return Actor(user=choose([*people, world.lin, None]), source="test")


def _register_step(service: Callable[..., Any], name: str, values: dict[str, list[Any]]) -> None:
    def step(world: World, choose: Choose) -> None:
        interview = world.interview(choose, name)
        service(
            interview_id=interview.pk,
            version=choose([interview.version] * 5 + [interview.version - 1]),
            actor=_taker(world, choose, interview),
            **{field: choose(options) for field, options in values.items()},
        )

    step.__name__ = service.__name__
    action(service)(step)


for _service, (_name, _values) in STEPS.items():
    _register_step(_service, _name, _values)


@action(services.application_withdraw)
def application_withdraw(world: World, choose: Choose) -> None:
    application = one_of(choose, list(Application.objects.order_by("pk")))
    services.application_withdraw(application=application, reason=choose(["", "moves away"]))


@action(services.interview_offer_times)
def interview_offer_times(world: World, choose: Choose) -> None:
    interview = world.interview(choose, "offer-times")
    services.interview_offer_times(
        interview_id=interview.pk,
        version=interview.version,
        starts=[_start(world, choose), _start(world, choose) + timedelta(days=1)],
        override_reason=choose(["", "agreed"]),
        actor=world.actor(choose),
    )


@action(services.interview_choose_time)
def interview_choose_time(world: World, choose: Choose) -> None:
    """Creates an interview far enough ahead; the candidate is offered a time and accepts it."""
    start = world.clock.now().replace(second=0, microsecond=0)
    start += timedelta(minutes=choose([125, 420, 800, 1500]))
    room = world.room(choose, world.campaign)
    planned = make_interview(room=room, round=world.round, starts_at=start, interviewers=[world.wu])
    offered = services.interview_offer_times(
        interview_id=planned.pk,
        version=planned.version,
        starts=[start + timedelta(hours=choose([3, 30, 300]))],
        actor=world.actor(choose),
    )
    services.interview_choose_time(
        interview_id=planned.pk,
        version=offered.version,
        time_id=OfferedTime.objects.get(interview=planned).pk,
        actor=Actor(user=None, source=CANDIDATE_SOURCE),
    )


@action()
def wrong_step(world: World, choose: Choose) -> None:
    interview = world.interview(choose)
    services.interview_finish(
        interview_id=interview.pk, version=interview.version, actor=world.actor(choose)
    )


@action(services.interview_create)
def interview_create(world: World, choose: Choose) -> None:
    application = one_of(choose, list(Application.objects.order_by("pk")))
    starts_at = _start(world, choose)
    services.interview_create(
        application=application,
        round=world.round,
        room=world.room(choose, choose([application.job.campaign] * 5 + [world.elsewhere])),
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=choose([30, 45, 90])),
        interviewers=choose([[world.wu], [world.zhao], [world.wu, world.zhao]]),
        actor=world.actor(choose),
        override_reason=choose(["", "nobody else"]),
    )


@action(services.interview_reschedule)
def interview_reschedule(world: World, choose: Choose) -> None:
    interview = world.interview(choose, "reschedule")
    starts_at = _start(world, choose)
    services.interview_reschedule(
        interview_id=interview.pk,
        version=interview.version,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=choose([30, 60])),
        room=choose([None, world.room(choose, interview.campaign)]),
        reason=choose(["", "train"]),
        override_reason=choose([None, "", "nobody else"]),
        actor=world.actor(choose),
    )


def _start(world: World, choose: Choose) -> datetime:
    minutes = choose([-90, -30, 0, 20, 60, 61, 150, 420, 800, 1500])
    this_minute = world.clock.now().replace(second=0, microsecond=0)
    return this_minute + timedelta(minutes=minutes, seconds=choose([0, 0, 0, 25]))


@action(services.interview_reassign)
def interview_reassign(world: World, choose: Choose) -> None:
    interview = world.interview(choose, "reassign")
    there = {part.interviewer for part in interview.assignments.select_related("interviewer")}
    absent = sorted({world.wu, world.zhao} - there, key=lambda person: person.pk)
    services.interview_reassign(
        interview_id=interview.pk,
        version=interview.version,
        remove=choose([[], sorted(there, key=lambda person: person.pk)[:1]]),
        add=choose([[], absent[:1]]),
        reason=choose(["", "double-booked"]),
        override_reason=choose([None, "", "nobody else"]),
        actor=world.actor(choose),
    )


@action(services.scorecard_save)
def scorecard_save(world: World, choose: Choose) -> None:
    open_ = list(Interview.objects.filter(status__in=SCORABLE).order_by("pk"))
    interview = choose(open_ or [world.interview(choose)])
    interviewer = world.interviewer(choose)
    services.scorecard_save(
        interview_id=interview.pk,
        interviewer=interviewer,
        scores={criterion.pk: choose([1, 5]) for criterion in interview.round.criteria.all()},
        recommendation=choose(["yes", "strong_no"]),
        strengths="Explains well.",
        concerns="",
        is_final=choose([False, True, True]),
        actor=Actor(user=interviewer, source="test"),
    )


@action(services.scorecard_amend)
def scorecard_amend(world: World, choose: Choose) -> None:
    submitted = list(Scorecard.objects.filter(state="submitted").order_by("pk"))
    interview = choose([card.interview for card in submitted] or [world.interview(choose)])
    services.scorecard_amend(
        interview_id=interview.pk,
        interviewer=world.interviewer(choose),
        recommendation=choose(["yes", "no"]),
        reason=choose(["I mistook one for the other", ""]),
    )


@action(services.notices_read)
def notices_read(world: World, choose: Choose) -> None:
    recipient = world.interviewer(choose)
    ids = list(recipient.notifications.order_by("pk").values_list("pk", flat=True))
    services.notices_read(recipient=recipient, ids=choose([None, ids[:1], ids[1:3]]))


@action(services.room_shift)
def room_shift(world: World, choose: Choose) -> None:
    services.room_shift(
        room=world.room(choose),
        minutes=choose([-20, 5, 90, 0]),
        from_=world.clock.now() - timedelta(hours=choose([0, 2, 12])),
        actor=world.actor(choose),
        is_preview=choose([False, False, True]),
        override_reason=choose(["", "the room is needed"]),
    )


@action(services.room_save)
def room_save(world: World, choose: Choose) -> None:
    room = choose([world.room(choose), Room(campaign=world.campaign)])
    room.name = choose(["A-1", "A-2", "B-9", "B-10"])
    room.directions = choose(["", "left of the lift"])
    room.is_active = choose([True, True, False])
    services.room_save(room=room)


@action(services.room_update)
def room_update(world: World, choose: Choose) -> None:
    room = world.room(choose)
    services.room_update(
        room=room,
        version=room.version + choose([0, 0, 0, 1]),
        name=choose([room.name, "A-1", "C-3"]),
        is_active=choose([room.is_active, True]),
    )


@action(sweep_clock, record_time_changes)
def sweep(world: World, choose: Choose) -> None:
    sweep_clock()


@action(
    upcoming.remind, alarms.raise_alarms, scorecards.remind_of_scorecards, daily_digest.send_digests
)
def reminders_are_sent(world: World, choose: Choose) -> None:
    """Sends what has been due for some hours; overlapping windows must not send it twice."""
    until = world.clock.now()
    since = until - timedelta(hours=choose([1, 5, 30]))
    for send in (
        upcoming.remind,
        alarms.raise_alarms,
        scorecards.remind_of_scorecards,
        daily_digest.send_digests,
    ):
        send(since, until)


@action(services.follow_up_save)
def follow_up_save(world: World, choose: Choose) -> None:
    flag, minutes = choose(["late", "room_late"]), choose([None, 10])
    services.follow_up_save(
        interview_id=world.interview(choose).pk,
        flag=flag,
        by=world.coordinator,
        snooze_minutes=minutes,
    )


@action(services.follow_up_end)
def follow_up_end(world: World, choose: Choose) -> None:
    services.follow_up_end(interview_id=world.interview(choose).pk, by=world.coordinator)
