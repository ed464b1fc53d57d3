"""Access checks for coordinators, used by the pages and the API for candidates and imports."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from jobs.models import Campaign, CampaignMember
from jobs.models.access import may_see_everything
from jobs.models.campaigns import CampaignQuerySet


def is_coordinator(user: Any) -> bool:
    """True if this person coordinates at least one campaign, or is a superuser."""
    return may_see_everything(user) or Campaign.objects.coordinated_by(user).exists()


def coordinated_campaigns(user: Any) -> CampaignQuerySet:
    """Returns the campaigns this person coordinates. Raises PermissionDenied if there are none."""
    if not is_coordinator(user):
        raise PermissionDenied
    return Campaign.objects.coordinated_by(user)


def ids_with_role(people: Sequence[User], campaign_slug: str, *, roles: Sequence[str]) -> set[int]:
    """Returns the ids of the people who have one of these roles in the campaign.

    Same rule as `coordinated_by` and `wall_visible_to`, for many people and one campaign.
    """
    everywhere = {one.pk for one in people if may_see_everything(one)}
    if everywhere and not Campaign.objects.filter(slug=campaign_slug).exists():
        return set()
    members = CampaignMember.objects.filter(
        campaign__slug=campaign_slug, role__in=roles, user__in=[one.pk for one in people]
    )
    return everywhere | set(members.values_list("user", flat=True))


def signed_in_user(request: HttpRequest) -> User:
    """Returns the user of a request; only for views behind a sign-in check."""
    assert isinstance(request.user, User)
    return request.user
