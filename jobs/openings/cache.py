"""Caches the public openings until a campaign or job changes."""

from __future__ import annotations

from jobs.models import Campaign, Job
from realtime.versioned_cache import VersionedCache

OPENINGS = VersionedCache("openings")
cached = OPENINGS.get_or_compute


def connect() -> None:
    OPENINGS.invalidate_on_change(Campaign, Job)
