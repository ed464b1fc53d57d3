"""Figures, remembered until what they count changes: a long history takes a second to read."""

from __future__ import annotations

from django.utils.translation import get_language

from interview.analytics.blocks import Block
from interview.analytics.period import Period
from interview.analytics.subjects import SUBJECTS
from interview.models import Interview, InterviewAssignment, Scorecard
from jobs.models import Application, Campaign, Candidate, Job
from realtime.versioned_cache import VersionedCache

FIGURES = VersionedCache("figures")


def figures(subject: str, period: Period) -> Block:
    """One of SUBJECTS. Who may see a campaign's figures is decided before they are asked for."""
    about = (period.campaign.pk, period.since, period.until, subject, get_language())
    return FIGURES.get_or_compute(":".join(map(str, about)), lambda: SUBJECTS[subject](period))


def connect() -> None:
    """Histories grow with these, in the same transaction; candidates, for one who is anonymised
    takes along the reasons that people gave.
    """
    FIGURES.invalidate_on_change(
        Application, Campaign, Candidate, Interview, InterviewAssignment, Job, Scorecard
    )
