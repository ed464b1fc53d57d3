"""Adapters: a membership that begins or ends changes what its person may watch."""

from __future__ import annotations

from typing import Any

from django.db.models.signals import post_delete, post_save

from jobs.models import CampaignMember
from realtime import revocation


def connect() -> None:
    for signal in (post_save, post_delete):
        signal.connect(_membership_changed, sender=CampaignMember, dispatch_uid="jobs.membership")


def _membership_changed(sender: Any, instance: CampaignMember, **kwargs: Any) -> None:
    revocation.record_people([instance.user_id])
