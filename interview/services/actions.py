"""Registry of the actions on an interview, by their name in URLs.

Each action has a payload serializer and a service; `permissions.actions_of` decides who may take
it. Pages, API and the simulation call `perform`.
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
    """An action's payload serializer and the service that carries it out."""

    payload: type[payloads.Payload]
    service: Callable[..., Interview]


ACTIONS: dict[str, Action] = {
    "confirm": Action(payloads.Payload, services.interview_confirm),
    "excuse": Action(payloads.ReasonPayload, services.interview_excuse),
    "check-in": Action(payloads.Payload, services.interview_check_in),
    "report-missing": Action(payloads.Payload, services.interview_report_missing),
    "start": Action(payloads.Payload, services.interview_start),
    "finish": Action(payloads.Payload, services.interview_finish),
    "no-show": Action(payloads.NoShowPayload, services.interview_no_show),
    "cancel": Action(payloads.CancelPayload, services.interview_cancel),
    "reschedule": Action(payloads.ReschedulePayload, services.interview_reschedule),
    "offer-times": Action(payloads.OfferPayload, services.interview_offer_times),
    "reassign": Action(payloads.ReassignPayload, services.interview_reassign),
    "undo": Action(payloads.ConfirmablePayload, services.interview_undo),
    "accept": Action(payloads.Payload, services.interview_accept),
    "decline": Action(payloads.ReasonPayload, services.interview_decline),
    "not-attended": Action(payloads.Payload, services.scorecard_dismiss),
    "running-late": Action(payloads.LatePayload, services.interview_running_late),
}


def allowed(user: User, interview: Interview) -> list[str]:
    """The names of the actions that this person may take now, undo included."""
    actions = allowed_actions(user, interview)
    if "undo" in actions_of(user, interview) and undoable_event(interview) is not None:
        actions.append("undo")
    return [name for name in actions if name in ACTIONS]


def perform(
    *, action: str, interview_id: int, by: User, source: str, data: Mapping[str, Any]
) -> Interview:
    """Validate the payload and take the action.

    source: where it comes from, such as "page" or "api". Raises Interview.DoesNotExist if this
    person may not see the interview, PermissionDenied if they may not take this action, REST
    framework's ValidationError for the payload, and Django's ValidationError (messages by field) or
    StaleVersion from the service.
    """
    interview = Interview.objects.visible_to(by).get(pk=interview_id)
    if action not in actions_of(by, interview):
        raise PermissionDenied
    payload = ACTIONS[action].payload(data=data)
    payload.is_valid(raise_exception=True)
    return ACTIONS[action].service(
        interview_id=interview_id, actor=Actor(user=by, source=source), **payload.validated_data
    )
