"""The candidates who will be anonymised next, as their coordinators see them."""

from __future__ import annotations

from typing import Any

from jobs.models import AnonymisationList, Candidate
from jobs.models.candidates import CandidateQuerySet
from jobs.privacy.anonymisation import due_for_anonymisation


def newest_list() -> AnonymisationList | None:
    """Returns the list of the last night, unless it has been carried out."""
    newest = AnonymisationList.objects.order_by("-at").first()
    return newest if newest is not None and newest.carried_out_at is None else None


def people_due(user: Any) -> CandidateQuerySet:
    """Returns those on the newest list who are still due and whom this person may see."""
    listed = newest_list()
    if listed is None:
        return Candidate.objects.none()
    visible = Candidate.objects.visible_to(user).filter(pk__in=listed.candidates)
    return visible.filter(pk__in=due_for_anonymisation(listed.cutoff).values("pk"))
