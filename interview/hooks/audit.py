"""Audited models of interview days. Coordinators of the campaign may read their entries."""

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
    """Audit this model. path: lookup from a row to its campaign."""

    def visible_to(user: Any) -> Any:
        campaigns = Campaign.objects.coordinated_by(user)
        return model._default_manager.filter(**{f"{path}__in": campaigns})

    audit.track(model, visible_to=visible_to)
