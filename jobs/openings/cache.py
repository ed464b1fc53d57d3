"""What visitors read of openings, cached until an opening changes."""

from __future__ import annotations

from jobs.models import Campaign, Job
from realtime.versioned_cache import Memory

OPENINGS = Memory("openings")
cached = OPENINGS.remembered


def connect() -> None:
    OPENINGS.forget_when_changed(Campaign, Job)
