"""Decides which candidates a coordinator may merge."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from jobs.candidates.permissions import changeable_candidates
from jobs.merging.refusals import MergeRefused
from jobs.models import Candidate
from jobs.models.candidates import CandidateQuerySet


def mergeable_candidates(user: Any, ids: Collection[int]) -> CandidateQuerySet:
    """Returns the candidates with these ids.

    Raises MergeRefused("gone") if this person cannot see one of them, MergeRefused("elsewhere") if
    one also belongs to a campaign that they do not coordinate.
    """
    requested = Candidate.objects.filter(pk__in=ids)
    if requested.visible_to(user).count() < len(set(ids)):
        raise MergeRefused("gone")
    mergeable = changeable_candidates(user).filter(pk__in=ids)
    if mergeable.count() < len(set(ids)):
        raise MergeRefused("elsewhere")
    return mergeable
