"""Who works as a coordinator: the door of the pages and addresses for candidates and imports."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from jobs.models import Campaign
from jobs.querysets import CampaignQuerySet, may_see_everything


def coordinated_campaigns(user: Any) -> CampaignQuerySet:
    """The campaigns this person works in. Raises PermissionDenied for who coordinates none."""
    campaigns = Campaign.objects.coordinated_by(user)
    if not may_see_everything(user) and not campaigns.exists():
        raise PermissionDenied
    return campaigns


def signed_in(request: HttpRequest) -> User:
    """The person behind a request that has passed the sign-in."""
    assert isinstance(request.user, User)
    return request.user
