"""Factories: plain functions that create valid objects, through a service where one exists.

`make_interview(status="arrived")` takes the steps that lead to that status. A factory creates each
related object that it is not given; pass `campaign` to choose the campaign.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.models import Group, User
from django.utils import timezone

from interview import services
from interview.bulk.plans import bulk_plan_create
from interview.models import (
    BulkPlan,
    Interview,
    InterviewAssignment,
    Notification,
    Room,
    RoundTemplate,
    Scorecard,
)
from interview.services.transitions import Actor
from jobs.applications.services import application_create
from jobs.candidates.services import candidate_create
from jobs.models import Application, Campaign, CampaignMember, Candidate, Job

NOBODY = Actor(user=None, source="test")
STEPS_TO_STATUS = {
    "scheduled": [],
    "confirmed": ["confirm"],
    "arrived": ["confirm", "check_in"],
    "in_progress": ["confirm", "check_in", "start"],
    "feedback_due": ["confirm", "check_in", "start", "finish"],
    "completed": ["confirm", "check_in", "start", "finish"],
    "cancelled": ["cancel"],
    "no_show": ["no_show"],
}
STEP_ARGUMENTS = {
    "cancel": {"reason": "No longer wanted", "side": "company"},
    "no_show": {"side": "candidate"},
}
BEIJING = ZoneInfo("Asia/Shanghai")
_numbers = count(1)


def make_campaign(**changed: Any) -> Campaign:
    """Creates an open campaign in Beijing."""
    number = next(_numbers)
    fields = {"slug": f"campaign-{number}", "name": f"Campaign {number}", "city": "北京"}
    return Campaign.objects.create(**(fields | changed))


def make_member(campaign: Campaign, user: User, role: str = "coordinator") -> CampaignMember:
    return CampaignMember.objects.create(campaign=campaign, user=user, role=role)


def make_interviewer(**changed: Any) -> User:
    """Creates an interviewer who cannot sign in (people.py has those who can)."""
    number = next(_numbers)
    fields = {"username": f"interviewer-{number}", "first_name": "Ada", "last_name": f"No {number}"}
    person = User.objects.create(**(fields | changed))
    person.groups.add(Group.objects.get(name="interviewer"))
    return person


def make_job(**changed: Any) -> Job:
    """Creates a published job."""
    fields = {"title": f"Engineer {next(_numbers)}", "city": "北京", "is_published": True}
    if "campaign" not in changed:
        changed["campaign"] = make_campaign()
    return Job.objects.create(**(fields | changed))


def make_candidate(*, campaign: Campaign | None = None, **changed: Any) -> Candidate:
    """Creates a candidate with a mobile number that cannot be dialled."""
    number = next(_numbers)
    fields = {
        "name": f"李{number}",
        "mobile": f"+86100{number:08d}",
        "email": f"candidate-{number}@example.com",
    }
    return candidate_create(campaign=campaign, **(fields | changed))


def make_application(
    *,
    candidate: Candidate | None = None,
    job: Job | None = None,
    campaign: Campaign | None = None,
    by: User | None = None,
) -> Application:
    job = job or make_job(campaign=campaign or make_campaign())
    return application_create(candidate=candidate or make_candidate(), job=job, by=by)


def make_room(**changed: Any) -> Room:
    if "campaign" not in changed:
        changed["campaign"] = make_campaign()
    return services.room_save(room=Room(**({"name": f"A-{next(_numbers)}"} | changed)))


def make_round(number: int = 1) -> RoundTemplate:
    """Returns the default round with this number: 1, 2, or 3 for the HR round."""
    return RoundTemplate.objects.get(campaign=None, number=number)


def make_bulk_plan(
    *,
    campaign: Campaign,
    owner: User,
    applications: Sequence[Application] | None = None,
    **changed: Any,
) -> BulkPlan:
    """Creates a plan for one application, in a room of its own, for the morning of 4 March 2030."""
    if "rooms" not in changed:
        changed["rooms"] = [make_room(campaign=campaign)]
    if "interviewers" not in changed:
        changed["interviewers"] = [make_interviewer()]
    settings = {
        "round": make_round(),
        "days": [date(2030, 3, 4)],
        "opens_at": time(9),
        "closes_at": time(12),
        "slot_minutes": 45,
        "buffer_minutes": 10,
        "people_each": 1,
        "daily_limit": 8,
    }
    return bulk_plan_create(
        campaign=campaign,
        owner=owner,
        applications=(
            [make_application(campaign=campaign)] if applications is None else applications
        ),
        **(settings | changed),
    )


def in_an_hour() -> datetime:
    """Returns the time in an hour, at the latest a minute before midnight in Beijing.

    Boards, walls and lists of today do not show what begins tomorrow.
    """
    now = timezone.now()
    tomorrow = timezone.localdate(now, BEIJING) + timedelta(days=1)
    midnight = datetime.combine(tomorrow, time(), BEIJING)
    return min(now + timedelta(hours=1), midnight - timedelta(minutes=1))


def make_interview(
    *,
    campaign: Campaign | None = None,
    application: Application | None = None,
    room: Room | None = None,
    round: RoundTemplate | None = None,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    interviewers: Sequence[User] | None = None,
    status: str = "scheduled",
    by: User | None = None,
    override_reason: str = "The test wants it so",
) -> Interview:
    """Creates an interview `in_an_hour()`, for an hour, in its own room, with one interviewer.

    A status other than `scheduled` is reached through its real steps, all taken now.
    """
    campaign = campaign or (application.job.campaign if application else None)
    campaign = campaign or (room.campaign if room else make_campaign())
    starts_at = starts_at or in_an_hour()
    interview = services.interview_create(
        application=application or make_application(campaign=campaign),
        round=round or make_round(),
        room=room or make_room(campaign=campaign),
        starts_at=starts_at,
        ends_at=ends_at or starts_at + timedelta(hours=1),
        interviewers=[make_interviewer()] if interviewers is None else interviewers,
        actor=Actor(user=by, source="test"),
        override_reason=override_reason,
    )
    return bring_to(interview, status)


def bring_to(interview: Interview, status: str) -> Interview:
    """Takes a new interview through the steps to this status; returns it as the database has it."""
    for name in STEPS_TO_STATUS[status]:
        service = getattr(services, f"interview_{name}")
        interview = service(
            interview_id=interview.pk,
            version=interview.version,
            actor=NOBODY,
            **STEP_ARGUMENTS.get(name, {}),
        )
    if status == "completed":
        for part in interview.assignments.all():
            make_scorecard(interview=interview, interviewer=part.interviewer)
    return Interview.objects.get(pk=interview.pk)


def make_assignment(
    *, interview: Interview | None = None, interviewer: User | None = None
) -> InterviewAssignment:
    """Adds one more interviewer to an interview."""
    interview = interview or make_interview()
    interviewer = interviewer or make_interviewer()
    services.interview_reassign(
        interview_id=interview.pk,
        version=Interview.objects.get(pk=interview.pk).version,
        add=[interviewer],
        reason="One more pair of ears",
        actor=NOBODY,
    )
    return InterviewAssignment.objects.get(interview=interview, interviewer=interviewer)


def make_scorecard(
    *, interview: Interview, interviewer: User, is_final: bool = True, **changed: Any
) -> Scorecard:
    """Saves a scorecard with 4 for every criterion; a draft with `is_final=False`."""
    fields = {
        "scores": {criterion.pk: 4 for criterion in interview.round.criteria.all()},
        "recommendation": "yes",
        "strengths": "Explains well.",
        "concerns": "",
    }
    return services.scorecard_save(
        interview_id=interview.pk,
        interviewer=interviewer,
        is_final=is_final,
        actor=Actor(user=interviewer, source="test"),
        **(fields | changed),
    )


def make_notice(*, interview: Interview, recipient: User, event: str = "reminder") -> Notification:
    return Notification.objects.create(
        recipient=recipient,
        event=event,
        interview=interview,
        told_start=interview.starts_at,
        told_room=interview.room.name,
        at=timezone.now(),
        idempotency_key=f"test:{next(_numbers)}",
    )
