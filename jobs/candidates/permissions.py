"""Decides whose candidates a coordinator may change, merge, anonymise, or add to a campaign.

Pages, the API, the admin and imports all call these functions.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.utils.translation import gettext as _

from jobs.models import Campaign, Candidate
from jobs.models.access import may_see_everything
from jobs.models.candidates import CandidateQuerySet


def changeable_candidates(user: Any) -> CandidateQuerySet:
    """Returns the candidates whose campaigns this person coordinates all.

    They may change, merge and anonymise them. Others would change what another campaign sees.
    """
    return Candidate.objects.entirely_coordinated_by(user)


def may_change(user: Any, candidate: Candidate) -> bool:
    return changeable_candidates(user).filter(pk=candidate.pk).exists()


def require_change(user: Any, candidate: Candidate) -> None:
    """Raises PermissionDenied if this person may not change the candidate."""
    if not may_change(user, candidate):
        raise PermissionDenied(foreign_candidate())


def foreign_candidate() -> str:
    """Returns the message for a candidate of whom other coordinators have a say."""
    return _(
        "This candidate also belongs to a campaign that you do not coordinate. Ask somebody who"
        " coordinates all of their campaigns."
    )


def addable_candidates(user: Any, campaign: Campaign | None) -> CandidateQuerySet:
    """Returns the candidates who may apply, or be imported, into this campaign.

    Those in it already, and those that this person may change: a candidate who joins a campaign is
    shown to its coordinators. An import into no campaign adds nobody; it recognises the candidates
    that the person sees.
    """
    candidates = Candidate.objects.all()
    if may_see_everything(user):
        return candidates
    own = Q(pk__in=changeable_candidates(user).values("pk"))
    if campaign is None:
        return candidates.filter(own | Q(pk__in=candidates.visible_to(user).values("pk")))
    members = Campaign.candidates.through.objects.filter(
        campaign__in=Campaign.objects.coordinated_by(user).filter(pk=campaign.pk).values("pk")
    )
    return candidates.filter(own | Q(pk__in=members.values("candidate")))


def not_addable(
    user: Any, candidates: Collection[Candidate], campaign: Campaign
) -> list[Candidate]:
    """Returns those of the candidates whom this person may not add to the campaign."""
    addable = addable_candidates(user, campaign).filter(pk__in=[one.pk for one in candidates])
    ids = set(addable.values_list("pk", flat=True))
    return [one for one in candidates if one.pk not in ids]
