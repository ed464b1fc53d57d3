"""Who may see and do what with interviews: the one place that pages, API, sockets and exports
ask.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Exists, OuterRef, Q, QuerySet

from interview.models import Interview, InterviewAssignment, Scorecard
from interview.models.states import TRANSITIONS, Status, is_valid_transition
from jobs.coordinators import coordinated_campaigns, ids_with_role
from jobs.models import Application, Campaign
from jobs.querysets import COORDINATOR_ROLES, WALL_ROLES, CampaignQuerySet, may_see_everything

OWN_PART_ACTIONS = frozenset({"accept", "decline", "running-late", "not-attended"})
NOT_HELD = frozenset({Status.CANCELLED, Status.NO_SHOW})
INTERVIEWER_ACTIONS = OWN_PART_ACTIONS | {"start", "finish"}
COORDINATOR_ACTIONS = (frozenset(TRANSITIONS) - OWN_PART_ACTIONS - {"complete"}) | {"undo"}


def is_coordinator(user: Any, campaign_id: int) -> bool:
    return Campaign.objects.coordinated_by(user).filter(pk=campaign_id).exists()


def campaigns_for_analytics(user: Any) -> CampaignQuerySet:
    """Those whose figures this person may read: he coordinates them. Raises PermissionDenied for
    who coordinates none.
    """
    return coordinated_campaigns(user)


def may_resend(user: Any, interview: Interview) -> bool:
    """Who coordinates, and has the permission made for it, has messages sent again."""
    return bool(
        user.has_perm("interview.resend_delivery") and is_coordinator(user, interview.campaign_id)
    )


def assignment_of(user: Any, interview: Interview) -> InterviewAssignment | None:
    """This person's part in the interview, if he has one."""
    return next((a for a in interview.assignment_list() if a.interviewer_id == user.pk), None)


def actions_of(user: Any, interview: Interview) -> frozenset[str]:
    """What this person's part in the interview lets him do, were the status right."""
    actions: frozenset[str] = frozenset()
    if is_coordinator(user, interview.campaign_id):
        actions |= COORDINATOR_ACTIONS
    if assignment_of(user, interview) is not None:
        actions |= INTERVIEWER_ACTIONS
    return actions


def allowed_actions(user: Any, interview: Interview) -> list[str]:
    """What this person may do with the interview as it stands, in the order of the day."""
    may = actions_of(user, interview)
    if not owes_scorecard(user, interview):
        may -= {"not-attended"}
    return [
        name for name in TRANSITIONS if name in may and is_valid_transition(name, interview.status)
    ]


def owes_scorecard(user: Any, interview: Interview) -> bool:
    """Whether this person's scorecard is awaited as soon as the interview is over."""
    part, settled = assignment_of(user, interview), Scorecard.State.settled()
    if part is None or part.response == InterviewAssignment.Response.DECLINED:
        return False
    own = [card for card in interview.scorecard_list() if card.interviewer_id == user.pk]
    return not any(card.state in settled for card in own)


def board_watchers(people: Sequence[User], campaign_slug: str) -> set[int]:
    return ids_with_role(people, campaign_slug, roles=COORDINATOR_ROLES)


def wall_watchers(people: Sequence[User], campaign_slug: str) -> set[int]:
    return ids_with_role(people, campaign_slug, roles=WALL_ROLES)


def person_watchers(people: Sequence[User], user_id: str) -> set[int]:
    return {one.pk for one in people if str(one.pk) == user_id}


def may_read_scorecard_content(user: Any, interview: Interview) -> bool:
    """Blind until submitted: whoever owes a scorecard reads nobody else's before his own is in."""
    part = assignment_of(user, interview)
    if part is not None and part.response != InterviewAssignment.Response.DECLINED:
        own = [card for card in interview.scorecard_list() if card.interviewer_id == user.pk]
        return any(card.state == "submitted" for card in own)
    return may_see_everything(user) or is_coordinator(user, interview.campaign_id)


def applications_whose_resume_may_be_read(user: Any) -> QuerySet[Application]:
    """Those with a résumé that this person coordinates, or interviews: not after he has declined,
    nor of an interview that does not take place.
    """
    parts = InterviewAssignment.objects.filter(interview__application=OuterRef("pk"))
    taking_part = parts.filter(interviewer=user).exclude(
        Q(response=InterviewAssignment.Response.DECLINED) | Q(interview__status__in=NOT_HELD)
    )
    campaigns = Campaign.objects.coordinated_by(user).values("pk")
    with_resume = Application.objects.filter(resume__isnull=False)
    return with_resume.filter(Q(job__campaign__in=campaigns) | Exists(taking_part))


def may_read_resume(user: Any, interview: Interview) -> bool:
    """Whether a résumé came with this interview's application, and is this person's to read."""
    readable = applications_whose_resume_may_be_read(user)
    return readable.filter(pk=interview.application_id).exists()


def readable_scorecards(user: Any) -> QuerySet[Scorecard]:
    """The submitted scorecards whose content this person may read: the rule above for many."""
    parts = InterviewAssignment.objects.filter(interview=OuterRef("interview"), interviewer=user)
    takes_part = Exists(parts.exclude(response=InterviewAssignment.Response.DECLINED))
    submitted = Scorecard.objects.filter(state=Scorecard.State.SUBMITTED)
    own = Exists(submitted.filter(interview=OuterRef("interview"), interviewer=user))
    campaigns = Campaign.objects.coordinated_by(user).values("pk")
    return submitted.filter(
        (takes_part & own) | (~takes_part & Q(interview__campaign__in=campaigns))
    )
