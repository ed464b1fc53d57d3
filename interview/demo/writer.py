"""Writes a told day in a few statements: the history is that of the services, the speed is not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from django.contrib.auth.models import User

from interview.demo.history import Story, parts_of, tell
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
TELLS = {
    "create": Notification.Event.ASSIGNED,
    "check-in": Notification.Event.ARRIVED,
    "finish": Notification.Event.FEEDBACK_DUE,
    "cancel": Notification.Event.CANCELLED,
}


@dataclass(slots=True)
class Stage:
    """A campaign set up and ready to be filled with interviews."""

    campaign: Campaign
    rooms: Sequence[Room]
    jobs: Sequence[Job]
    people: dict[str, User]
    coordinator: User
    candidates: Iterator[CandidateFields]
    random: Random
    now: datetime

    def job_of(self, room: int) -> Job:
        """What most of this room's interviews are for; a few are for something else."""
        return self.random.choice(self.jobs) if self.random.random() < 0.2 else self.jobs[room]


def write_day(stage: Stage, slots: Sequence[Slot]) -> list[Story]:
    """Candidates, applications, interviews, histories, scorecards and notices of these slots."""
    ordered = sorted(slots, key=lambda slot: slot.starts_at)
    applications = _applications(stage, [stage.job_of(slot.room) for slot in ordered])
    rounds = {template.number: template for template in RoundTemplate.objects.filter(campaign=None)}
    stories = []
    for slot, application in zip(ordered, applications, strict=True):
        story = _story(stage, slot, application, rounds[slot.round])
        tell(story, slot, stage.now, stage.random)
        stories.append(story)
    _save(stories, stage.random)
    _apply_before(stories)
    Notification.objects.bulk_create(
        [notice for story in stories for notice in _notices(story, stage.now)]
    )
    return stories


def _story(stage: Stage, slot: Slot, application: Application, round: RoundTemplate) -> Story:
    interview = Interview(
        campaign=stage.campaign,
        application=application,
        round=round,
        room=stage.rooms[slot.room],
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
    )
    hosts = [stage.people[name] for name in slot.hosts]
    return Story(interview, parts_of(interview, hosts), stage.coordinator)


def _applications(stage: Stage, wanted: Sequence[Job]) -> list[Application]:
    """One new candidate for each wanted job, already in interviews, in the order given."""
    candidates = candidates_create(people=[next(stage.candidates) for _ in wanted])
    found: dict[int, Application] = {}
    for job in dict.fromkeys(wanted):
        those = [c for c, other in zip(candidates, wanted, strict=True) if other == job]
        for application in applications_create(candidates=those, job=job, by=stage.coordinator):
            found[application.candidate_id] = application
    applications = [found[candidate.pk] for candidate in candidates]
    _enter_interviews(applications, stage.coordinator)
    return applications


def _enter_interviews(applications: Sequence[Application], by: User) -> None:
    """As `application_move` for each, in two statements."""
    applied, interviewing = Application.Stage.APPLIED, Application.Stage.INTERVIEWING
    for application in applications:
        application.stage, application.version = interviewing, application.version + 1
    Application.objects.bulk_update(applications, ["stage", "version"])
    ApplicationEvent.objects.bulk_create(
        ApplicationEvent(application=one, by=by, from_stage=applied, to_stage=interviewing)
        for one in applications
    )


def _apply_before(stories: Sequence[Story]) -> None:
    """Each application came in one to eight days before its interview was planned, and entered
    that stage with it.
    """
    planned_at = {story.interview.application_id: story.events[0].at for story in stories}
    applications = [story.interview.application for story in stories]
    for position, application in enumerate(applications):
        waited = timedelta(hours=24 + 37 * position % 168)
        application.created_at = planned_at[application.pk] - waited
    events = list(ApplicationEvent.objects.filter(application__in=applications))
    came_at = {application.pk: application.created_at for application in applications}
    for event in events:
        moments = planned_at if event.from_stage else came_at
        event.at = moments[event.application_id]
    Application.objects.bulk_update(applications, ["created_at"])
    ApplicationEvent.objects.bulk_update(events, ["at"])


def write_applicants(stage: Stage, number: int) -> None:
    """People who have applied and hear nothing yet."""
    candidates = candidates_create(people=[next(stage.candidates) for _ in range(number)])
    for position, job in enumerate(stage.jobs):
        those = candidates[position :: len(stage.jobs)]
        applications_create(candidates=those, job=job, by=stage.coordinator)


def _save(stories: Sequence[Story], random: Random) -> None:
    Interview.objects.bulk_create([story.interview for story in stories])
    InterviewAssignment.objects.bulk_create([part for story in stories for part in story.parts])
    InterviewEvent.objects.bulk_create([event for story in stories for event in story.events])
    cards = Scorecard.objects.bulk_create([card for story in stories for card in story.cards])
    criteria = {
        template.pk: list(template.criteria.all())
        for template in RoundTemplate.objects.prefetch_related("criteria")
    }
    ScorecardScore.objects.bulk_create(
        ScorecardScore(scorecard=card, criterion=criterion, score=random.choice((2, 3, 3, 4, 4, 5)))
        for card in cards
        for criterion in criteria[card.interview.round_id]
    )


def _notices(story: Story, now: datetime) -> Iterator[Notification]:
    """What the services would have told the interviewers on the way."""
    interview = story.interview
    for event in story.events:
        if event.action not in TELLS:
            continue
        for part in story.parts:
            what, recipient = TELLS[event.action], part.interviewer
            yield Notification(
                recipient=recipient,
                event=what,
                interview=interview,
                at=event.at,
                read_at=event.at + READ_AFTER if event.at + READ_AFTER < now else None,
                idempotency_key=f"{what}:{interview.pk}:{event.version}:{recipient.pk}:in_app",
            )
