"""Writes campaigns and jobs. Callers check permissions first."""

from __future__ import annotations

from typing import Any, TypeVar

from django.contrib.auth.models import User
from django.db import transaction

from jobs.models import Campaign, CampaignMember, Job

Record = TypeVar("Record", Campaign, Job)


@transaction.atomic
def campaign_create(*, by: User, **fields: Any) -> Campaign:
    """Creates a campaign with `by` as its coordinator. Raises ValidationError by field."""
    campaign = _saved(Campaign(), fields)
    CampaignMember.objects.create(campaign=campaign, user=by)
    return campaign


@transaction.atomic
def campaign_update(*, campaign: Campaign, **fields: Any) -> Campaign:
    """Changes the given fields of the current row. Raises ValidationError by field."""
    return _saved(Campaign.objects.select_for_update().get(pk=campaign.pk), fields)


@transaction.atomic
def job_create(**fields: Any) -> Job:
    """Creates a job. Raises ValidationError by field."""
    return _saved(Job(), fields)


@transaction.atomic
def job_update(*, job: Job, **fields: Any) -> Job:
    """Changes the given fields of the current row. Raises ValidationError by field."""
    return _saved(Job.objects.select_for_update().get(pk=job.pk), fields)


def _saved(record: Record, fields: dict[str, Any]) -> Record:
    for name, value in fields.items():
        setattr(record, name, value)
    record.full_clean()
    record.save()
    return record
