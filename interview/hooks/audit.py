"""Which records of interview days the audit watches, and who may read of them: the coordinators
of their campaigns.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Model

from interview.models import Interview, InterviewAssignment, Room, RoundTemplate, Scorecard
from jobs.models import Campaign
from monitoring import audit


def connect() -> None:
    _watch(Interview, "campaign")
    _watch(InterviewAssignment, "interview__campaign")
    _watch(Scorecard, "interview__campaign")
    _watch(Room, "campaign")
    _watch(RoundTemplate, "campaign")


def _watch(model: type[Model], path: str) -> None:
    """path: from a row to its campaign."""

    def visible_to(user: Any) -> Any:
        campaigns = Campaign.objects.coordinated_by(user)
        return model._default_manager.filter(**{f"{path}__in": campaigns})

    audit.track(model, visible_to=visible_to)
