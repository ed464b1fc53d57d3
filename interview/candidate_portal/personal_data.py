"""The data file that candidates download from their private page, as JSON.

A page whose link went to another address than the candidate's own shows its application only:
anybody may apply with a mobile number that they know.
"""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from interview.models import Delivery, Interview, InterviewEvent, Scorecard
from interview.models.labels import CANDIDATE_SOURCE
from jobs.applications.services import CLOSED_STAGES
from jobs.models import Application
from jobs.privacy.identity import is_page_of_candidate
from jobs.privacy.personal_data import application_data, candidate_data

FORMAT = "recruit-live/personal-data/1"
AFTER_DECISION = "Assessments and reasons are included once the application is closed."
ONE_APPLICATION = (
    "This file holds one application, because this page belongs to another e-mail address than the "
    "one on record. Write to us for the rest."
)


def personal_data(application: Application) -> dict[str, Any]:
    """Returns what is stored about the person to whom this page belongs, and nothing of others."""
    shared = {"format": FORMAT, "made_at": timezone.now()}
    if not is_page_of_candidate(application):
        return {**shared, "note": ONE_APPLICATION, "applications": [_application(application)]}
    candidate = application.candidate
    own = candidate.applications.select_related("job__campaign", "submission")
    messages = Delivery.objects.filter(candidate=candidate).order_by("pk")
    return {
        **shared,
        **candidate_data(candidate),
        "applications": [_application(one) for one in own.order_by("pk")],
        "messages": [
            {
                "channel": one.channel,
                "event": one.event,
                "state": one.state,
                "created_at": one.created_at,
                "sent_at": one.sent_at,
            }
            for one in messages
        ],
    }


def _application(application: Application) -> dict[str, Any]:
    interviews = application.interviews.select_related("room", "round").order_by("starts_at", "pk")
    data = application_data(application)
    data["interviews"] = [_interview(one) for one in interviews]
    if application.stage in CLOSED_STAGES:
        submitted = Scorecard.objects.filter(
            interview__application=application, state=Scorecard.State.SUBMITTED
        )
        data["assessments"] = [_assessment(one) for one in submitted.order_by("pk")]
    else:
        data["assessments"] = AFTER_DECISION
    return data


def _interview(interview: Interview) -> dict[str, Any]:
    """With the reason only if the candidate wrote it: a coordinator cancels on their behalf too."""
    events = list(interview.events.all())
    own_reasons = {one.reason for one in events if one.source == CANDIDATE_SOURCE}
    return {
        "round": interview.round.name,
        "room": interview.room.name,
        "starts_at": interview.starts_at,
        "ends_at": interview.ends_at,
        "status": interview.status,
        "arrived_at": interview.arrived_at,
        "started_at": interview.started_at,
        "finished_at": interview.finished_at,
        "reason": interview.reason if interview.reason in own_reasons else "",
        "offered_times": [one.starts_at for one in interview.offered_times.all()],
        "history": [_event(event) for event in events],
    }


def _event(event: InterviewEvent) -> dict[str, Any]:
    """Without the reason of an interviewer or a coordinator, which may be about themselves."""
    is_own = event.source == CANDIDATE_SOURCE
    return {
        "at": event.at,
        "action": event.action,
        "from": event.from_status,
        "to": event.to_status,
        "by": "candidate" if is_own else "staff",
        "reason": event.reason if is_own else "",
    }


def _assessment(card: Scorecard) -> dict[str, Any]:
    """Without the interviewer's name."""
    return {
        "submitted_at": card.submitted_at,
        "recommendation": card.recommendation,
        "scores": [
            {"criterion": one.criterion.name, "score": one.score}
            for one in card.scores.select_related("criterion").order_by("criterion__position")
        ],
        "strengths": card.strengths,
        "concerns": card.concerns,
    }
