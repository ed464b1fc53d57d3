"""Writing campaigns and openings. Who may is decided before it is called."""

from __future__ import annotations

from typing import Any, TypeVar

from django.contrib.auth.models import User
from django.db import transaction

from jobs.models import Campaign, CampaignMember, Job

Thing = TypeVar("Thing", Campaign, Job)


@transaction.atomic
def campaign_create(*, by: User, **fields: Any) -> Campaign:
    """A new campaign, which its maker coordinates. Raises ValidationError by field."""
    campaign = _saved(Campaign(), fields)
    CampaignMember.objects.create(campaign=campaign, user=by)
    return campaign


@transaction.atomic
def campaign_update(*, campaign: Campaign, **fields: Any) -> Campaign:
    """Change these fields; the others stay as anybody may have left them meanwhile."""
    return _saved(Campaign.objects.select_for_update().get(pk=campaign.pk), fields)


@transaction.atomic
def job_create(**fields: Any) -> Job:
    """A new opening. Raises ValidationError by field."""
    return _saved(Job(), fields)


@transaction.atomic
def job_update(*, job: Job, **fields: Any) -> Job:
    """Change these fields; the others stay as anybody may have left them meanwhile."""
    return _saved(Job.objects.select_for_update().get(pk=job.pk), fields)


def _saved(thing: Thing, fields: dict[str, Any]) -> Thing:
    for name, value in fields.items():
        setattr(thing, name, value)
    thing.full_clean()
    thing.save()
    return thing
