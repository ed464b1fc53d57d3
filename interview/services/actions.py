"""The door for everything one can do to an interview: pages, API and simulation all come through
here.

Each action has a payload, a service, and the access rule of `access.actions_of`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied

from interview import services
from interview.models import Interview
from interview.rules.permissions import actions_of, allowed_actions
from interview.services import payloads
from interview.services.transitions import Actor
from interview.services.undo import undoable_event


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that can be done: what it must be told, and which service does it."""

    payload: type[payloads.Payload]
    service: Callable[..., Interview]


ACTIONS: dict[str, Action] = {
    "confirm": Action(payloads.Payload, services.interview_confirm),
    "excuse": Action(payloads.ReasonPayload, services.interview_excuse),
    "check-in": Action(payloads.Payload, services.interview_check_in),
    "start": Action(payloads.Payload, services.interview_start),
    "finish": Action(payloads.Payload, services.interview_finish),
    "no-show": Action(payloads.NoShowPayload, services.interview_no_show),
    "cancel": Action(payloads.CancelPayload, services.interview_cancel),
    "reschedule": Action(payloads.ReschedulePayload, services.interview_reschedule),
    "offer-times": Action(payloads.OfferPayload, services.interview_offer_times),
    "reassign": Action(payloads.ReassignPayload, services.interview_reassign),
    "undo": Action(payloads.Payload, services.interview_undo),
    "accept": Action(payloads.Payload, services.interview_accept),
    "decline": Action(payloads.ReasonPayload, services.interview_decline),
    "not-attended": Action(payloads.Payload, services.scorecard_dismiss),
    "running-late": Action(payloads.LatePayload, services.interview_running_late),
}


def allowed(user: User, interview: Interview) -> list[str]:
    """What this person may do with the interview as it stands."""
    actions = allowed_actions(user, interview)
    if "undo" in actions_of(user, interview) and undoable_event(interview) is not None:
        actions.append("undo")
    return [name for name in actions if name in ACTIONS]


def perform(
    *, action: str, interview_id: int, by: User, source: str, data: Mapping[str, Any]
) -> Interview:
    """Do it, or say what is wrong and change nothing.

    Raises Interview.DoesNotExist when this person may not even know of the interview,
    PermissionDenied when he may not do this, rest_framework's ValidationError for the payload,
    Django's ValidationError (reasons by field) or StaleVersion from the service.
    """
    interview = Interview.objects.visible_to(by).get(pk=interview_id)
    if action not in actions_of(by, interview):
        raise PermissionDenied
    payload = ACTIONS[action].payload(data=data)
    payload.is_valid(raise_exception=True)
    return ACTIONS[action].service(
        interview_id=interview_id, actor=Actor(user=by, source=source), **payload.validated_data
    )
