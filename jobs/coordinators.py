"""Who works as a coordinator: the door of the pages and addresses for candidates and imports."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from jobs.models import Campaign, CampaignMember
from jobs.querysets import CampaignQuerySet, may_see_everything


def is_coordinator(user: Any) -> bool:
    """Whether this person works as a coordinator, in whichever campaign."""
    return may_see_everything(user) or Campaign.objects.coordinated_by(user).exists()


def coordinated_campaigns(user: Any) -> CampaignQuerySet:
    """The campaigns this person works in. Raises PermissionDenied for who coordinates none."""
    if not is_coordinator(user):
        raise PermissionDenied
    return Campaign.objects.coordinated_by(user)


def ids_with_role(people: Sequence[User], campaign_slug: str, *, roles: Sequence[str]) -> set[int]:
    """The ids of those who work in the campaign in one of these roles: the rule of
    `coordinated_by` and `wall_visible_to` for many people and one campaign.
    """
    everywhere = {one.pk for one in people if may_see_everything(one)}
    if everywhere and not Campaign.objects.filter(slug=campaign_slug).exists():
        return set()
    members = CampaignMember.objects.filter(
        campaign__slug=campaign_slug, role__in=roles, user__in=[one.pk for one in people]
    )
    return everywhere | set(members.values_list("user", flat=True))


def signed_in_user(request: HttpRequest) -> User:
    """The person behind a request that has passed the sign-in."""
    assert isinstance(request.user, User)
    return request.user
