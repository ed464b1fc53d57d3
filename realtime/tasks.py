"""Background work of the live lists, started by beat."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from realtime import retention


@shared_task
def trim_changes() -> None:
    """Forget what no reader will ask for any more."""
    retention.trim(timezone.now())
