"""Saves planned interviews and their histories with bulk inserts, as the services would have."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from django.contrib.auth.models import User

from interview.demo.history import InterviewHistory, assignments_of, build_history
from interview.demo.plan import Slot
from interview.models import (
    Interview,
    InterviewAssignment,
    InterviewEvent,
    Notification,
    Room,
    RoundTemplate,
    Scorecard,
    ScorecardScore,
)
from jobs.applications.services import applications_create
from jobs.candidates.services import CandidateFields, candidates_create
from jobs.models import Application, ApplicationEvent, Campaign, Job

READ_AFTER = timedelta(minutes=40)
NOTICE_EVENTS = {
    "create": Notification.Event.ASSIGNED,
    "check-in": Notification.Event.ARRIVED,
    "finish": Notification.Event.FEEDBACK_DUE,
    "cancel": Notification.Event.CANCELLED,
}


@dataclass(slots=True)
class CampaignSetup:
    """A campaign with rooms and jobs, and all that is needed to fill it with interviews.

    jobs   the usual job of each room
    users  by username
    now    in the time zone of the campaign
    """

    campaign: Campaign
    rooms: Sequence[Room]
    jobs: Sequence[Job]
    users: dict[str, User]
    coordinator: User
    candidates: Iterator[CandidateFields]
    random: Random
    now: datetime

    def job_of(self, room: int) -> Job:
        """Return the job for one interview in this room: in 80 % the room's usual job."""
        return self.random.choice(self.jobs) if self.random.random() < 0.2 else self.jobs[room]


def write_day(setup: CampaignSetup, slots: Sequence[Slot]) -> list[InterviewHistory]:
    """Create candidates, applications, interviews, events, scorecards and notices for the slots."""
    ordered = sorted(slots, key=lambda slot: slot.starts_at)
    applications = _applications(setup, [setup.job_of(slot.room) for slot in ordered])
    rounds = {template.number: template for template in RoundTemplate.objects.filter(campaign=None)}
    histories = []
    for slot, application in zip(ordered, applications, strict=True):
        history = _history(setup, slot, application, rounds[slot.round])
        build_history(history, slot, setup.now, setup.random)
        histories.append(history)
    _save(histories, setup.random)
    _backdate_applications(histories)
    Notification.objects.bulk_create(
        [notice for history in histories for notice in _notices(history, setup.now)]
    )
    return histories


def _history(
    setup: CampaignSetup, slot: Slot, application: Application, round: RoundTemplate
) -> InterviewHistory:
    interview = Interview(
        campaign=setup.campaign,
        application=application,
        round=round,
        room=setup.rooms[slot.room],
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
    )
    interviewers = [setup.users[name] for name in slot.interviewers]
    return InterviewHistory(interview, assignments_of(interview, interviewers), setup.coordinator)


def _applications(setup: CampaignSetup, wanted: Sequence[Job]) -> list[Application]:
    """Create one application per job, in this order, each by a new candidate."""
    candidates = candidates_create(people=[next(setup.candidates) for _ in wanted])
    found: dict[int, Application] = {}
    for job in dict.fromkeys(wanted):
        those = [c for c, other in zip(candidates, wanted, strict=True) if other == job]
        for application in applications_create(candidates=those, job=job, by=setup.coordinator):
            found[application.candidate_id] = application
    applications = [found[candidate.pk] for candidate in candidates]
    _enter_interviews(applications, setup.coordinator)
    return applications


def _enter_interviews(applications: Sequence[Application], by: User) -> None:
    """Move all applications to the interviewing stage, like `application_move` but in bulk."""
    applied, interviewing = Application.Stage.APPLIED, Application.Stage.INTERVIEWING
    for application in applications:
        application.stage, application.version = interviewing, application.version + 1
    Application.objects.bulk_update(applications, ["stage", "version"])
    ApplicationEvent.objects.bulk_create(
        ApplicationEvent(application=one, by=by, from_stage=applied, to_stage=interviewing)
        for one in applications
    )


def _backdate_applications(histories: Sequence[InterviewHistory]) -> None:
    """Date each application one to eight days before its interview was created.

    The move to the interviewing stage gets the time at which the interview was created.
    """
    planned_at = {history.interview.application_id: history.events[0].at for history in histories}
    applications = [history.interview.application for history in histories]
    for position, application in enumerate(applications):
        age = timedelta(hours=24 + 37 * position % 168)
        application.created_at = planned_at[application.pk] - age
    events = list(ApplicationEvent.objects.filter(application__in=applications))
    applied_at = {application.pk: application.created_at for application in applications}
    for event in events:
        times = planned_at if event.from_stage else applied_at
        event.at = times[event.application_id]
    Application.objects.bulk_update(applications, ["created_at"])
    ApplicationEvent.objects.bulk_update(events, ["at"])


def write_applicants(setup: CampaignSetup, number: int) -> None:
    """Create this many applications that nobody has processed yet."""
    candidates = candidates_create(people=[next(setup.candidates) for _ in range(number)])
    for position, job in enumerate(setup.jobs):
        those = candidates[position :: len(setup.jobs)]
        applications_create(candidates=those, job=job, by=setup.coordinator)


def _save(histories: Sequence[InterviewHistory], random: Random) -> None:
    Interview.objects.bulk_create([history.interview for history in histories])
    InterviewAssignment.objects.bulk_create(
        [assignment for history in histories for assignment in history.assignments]
    )
    InterviewEvent.objects.bulk_create([event for history in histories for event in history.events])
    scorecards = Scorecard.objects.bulk_create(
        [card for history in histories for card in history.scorecards]
    )
    criteria = {
        template.pk: list(template.criteria.all())
        for template in RoundTemplate.objects.prefetch_related("criteria")
    }
    ScorecardScore.objects.bulk_create(
        ScorecardScore(scorecard=card, criterion=criterion, score=random.choice((2, 3, 3, 4, 4, 5)))
        for card in scorecards
        for criterion in criteria[card.interview.round_id]
    )


def _notices(history: InterviewHistory, now: datetime) -> Iterator[Notification]:
    """Yield the in-app notices that the services would have sent to the interviewers."""
    interview = history.interview
    for event in history.events:
        if event.action not in NOTICE_EVENTS:
            continue
        for assignment in history.assignments:
            notice_event, recipient = NOTICE_EVENTS[event.action], assignment.interviewer
            yield Notification(
                recipient=recipient,
                event=notice_event,
                interview=interview,
                at=event.at,
                read_at=event.at + READ_AFTER if event.at + READ_AFTER < now else None,
                idempotency_key=f"{notice_event}:{interview.pk}:{event.version}:{recipient.pk}:in_app",
            )
