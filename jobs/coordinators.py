"""Who works as a coordinator: the door of the pages and addresses for candidates and imports."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from jobs.merging.refusals import MergeRefused
from jobs.models import Campaign, CampaignMember, Candidate
from jobs.querysets import CampaignQuerySet, CandidateQuerySet, may_see_everything


def coordinates_anything(user: Any) -> bool:
    """Whether this person works as a coordinator, in whichever campaign."""
    return may_see_everything(user) or Campaign.objects.coordinated_by(user).exists()


def coordinated_campaigns(user: Any) -> CampaignQuerySet:
    """The campaigns this person works in. Raises PermissionDenied for who coordinates none."""
    if not coordinates_anything(user):
        raise PermissionDenied
    return Campaign.objects.coordinated_by(user)


def candidates_to_merge(user: Any, ids: Collection[int]) -> CandidateQuerySet:
    """These candidates, all of whose campaigns this person coordinates.

    Raises MergeRefused where one is not his to see, or is somebody else's as well.
    """
    asked = Candidate.objects.filter(pk__in=ids)
    if asked.visible_to(user).count() < len(set(ids)):
        raise MergeRefused("gone")
    own = asked.wholly_of(user)
    if own.count() < len(set(ids)):
        raise MergeRefused("elsewhere")
    return own


def members_among(people: Sequence[User], campaign_slug: str, *, roles: Sequence[str]) -> set[int]:
    """The ids of those who work in the campaign in one of these roles: the rule of
    `coordinated_by` and `shown_on_a_wall_for` for many people and one campaign.
    """
    everywhere = {one.pk for one in people if may_see_everything(one)}
    if everywhere and not Campaign.objects.filter(slug=campaign_slug).exists():
        return set()
    members = CampaignMember.objects.filter(
        campaign__slug=campaign_slug, role__in=roles, user__in=[one.pk for one in people]
    )
    return everywhere | set(members.values_list("user", flat=True))


def signed_in(request: HttpRequest) -> User:
    """The person behind a request that has passed the sign-in."""
    assert isinstance(request.user, User)
    return request.user
