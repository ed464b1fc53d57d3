"""Permissions on interviews, scorecards and résumés.

Pages, API, live lists and exports all call these functions; no other module decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Exists, OuterRef, Q, QuerySet

from interview.models import Interview, InterviewAssignment, Scorecard
from interview.models.scorecards import scorecards_of
from interview.models.states import NOT_TAKING_PLACE, TRANSITIONS, Side, is_valid_transition
from jobs.coordinators import coordinated_campaigns, ids_with_role
from jobs.models import Application, Campaign
from jobs.models.access import COORDINATOR_ROLES, WALL_ROLES, may_see_everything
from jobs.models.campaigns import CampaignQuerySet

DECLINED = InterviewAssignment.Response.DECLINED
RESPONSE_ACTIONS = frozenset({"accept", "decline", "running-late", "not-attended"})
INTERVIEWER_ACTIONS = RESPONSE_ACTIONS | {"start", "finish"}
COORDINATOR_ACTIONS = (frozenset(TRANSITIONS) - RESPONSE_ACTIONS - {"complete"}) | {"undo"}


def is_coordinator(user: Any, campaign_id: int) -> bool:
    return Campaign.objects.coordinated_by(user).filter(pk=campaign_id).exists()


def campaigns_for_analytics(user: Any) -> CampaignQuerySet:
    """The campaigns whose analytics this person may read: those that they coordinate.

    Raises PermissionDenied if there are none.
    """
    return coordinated_campaigns(user)


def may_resend(user: Any, interview: Interview) -> bool:
    """True for coordinators of the campaign who have the permission `resend_delivery`."""
    return bool(
        user.has_perm("interview.resend_delivery") and is_coordinator(user, interview.campaign_id)
    )


def assignment_of(user: Any, interview: Interview) -> InterviewAssignment | None:
    """This person's assignment in the interview, or None."""
    return next((a for a in interview.assignment_list() if a.interviewer_id == user.pk), None)


def _takes_part(user: Any, interview: Interview) -> bool:
    assignment = assignment_of(user, interview)
    return assignment is not None and assignment.response != DECLINED


def actions_of(user: Any, interview: Interview) -> frozenset[str]:
    """The actions that this person's roles permit, regardless of the interview's status."""
    actions: frozenset[str] = frozenset()
    if is_coordinator(user, interview.campaign_id):
        actions |= COORDINATOR_ACTIONS
    if assignment_of(user, interview) is not None:
        actions |= INTERVIEWER_ACTIONS
    return actions


def allowed_actions(user: Any, interview: Interview) -> list[str]:
    """The actions that this person may take now, in the order of TRANSITIONS, without undo."""
    permitted = actions_of(user, interview)
    if not owes_scorecard(user, interview):
        permitted -= {"not-attended"}
    if interview.side == Side.INTERVIEWER:
        permitted -= {"report-missing"}  # somebody has said so
    return [
        name
        for name in TRANSITIONS
        if name in permitted and is_valid_transition(name, interview.status)
    ]


def owes_scorecard(user: Any, interview: Interview) -> bool:
    """True if this person's scorecard is expected once the interview has ended."""
    if not _takes_part(user, interview):
        return False
    settled = Scorecard.State.settled()
    own = [card for card in scorecards_of(interview) if card.interviewer_id == user.pk]
    return not any(card.state in settled for card in own)


def board_watchers(people: Sequence[User], campaign_slug: str) -> set[int]:
    return ids_with_role(people, campaign_slug, roles=COORDINATOR_ROLES)


def wall_watchers(people: Sequence[User], campaign_slug: str) -> set[int]:
    return ids_with_role(people, campaign_slug, roles=WALL_ROLES)


def person_watchers(people: Sequence[User], user_id: str) -> set[int]:
    return {one.pk for one in people if str(one.pk) == user_id}


def may_read_scorecard_content(user: Any, interview: Interview) -> bool:
    """Interviewers may read other scorecards only after they have submitted their own.

    This also applies to interviewers who coordinate the campaign.
    """
    if _takes_part(user, interview):
        own = [card for card in scorecards_of(interview) if card.interviewer_id == user.pk]
        return any(card.state == "submitted" for card in own)
    return may_see_everything(user) or is_coordinator(user, interview.campaign_id)


def applications_whose_resume_may_be_read(user: Any) -> QuerySet[Application]:
    """Applications with a résumé that this person coordinates or interviews for.

    Excludes assignments that they declined and interviews that do not take place.
    """
    assignments = InterviewAssignment.objects.filter(interview__application=OuterRef("pk"))
    taking_part = assignments.filter(interviewer=user).exclude(
        Q(response=DECLINED) | Q(interview__status__in=NOT_TAKING_PLACE)
    )
    campaigns = Campaign.objects.coordinated_by(user).values("pk")
    with_resume = Application.objects.filter(resume__isnull=False)
    return with_resume.filter(Q(job__campaign__in=campaigns) | Exists(taking_part))


def may_read_resume(user: Any, interview: Interview) -> bool:
    """True if the interview's application has a résumé that this person may read."""
    readable = applications_whose_resume_may_be_read(user)
    return readable.filter(pk=interview.application_id).exists()


def readable_scorecards(user: Any) -> QuerySet[Scorecard]:
    """The submitted scorecards that this person may read.

    The same rule as `may_read_scorecard_content`, as a query.
    """
    assignments = InterviewAssignment.objects.filter(
        interview=OuterRef("interview"), interviewer=user
    )
    takes_part = Exists(assignments.exclude(response=DECLINED))
    submitted = Scorecard.objects.filter(state=Scorecard.State.SUBMITTED)
    own = Exists(submitted.filter(interview=OuterRef("interview"), interviewer=user))
    campaigns = Campaign.objects.coordinated_by(user).values("pk")
    return submitted.filter(
        (takes_part & own) | (~takes_part & Q(interview__campaign__in=campaigns))
    )
