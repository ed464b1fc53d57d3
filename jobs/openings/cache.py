"""Caches the public openings until a campaign or job changes."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from django.core import serializers
from django.core.paginator import Page, Paginator

from jobs.models import Campaign, Job
from realtime.versioned_cache import Codec, VersionedCache

OPENINGS = VersionedCache("openings")
COLUMNS = sorted({field.name for model in (Campaign, Job) for field in model._meta.fields})
# Part of the cached names, so that another version of the code reads no rows of other columns.
LAYOUT = sha256(" ".join(COLUMNS).encode()).hexdigest()[:8]


def connect() -> None:
    OPENINGS.invalidate_on_change(Campaign, Job)


def _dump_jobs(jobs: Sequence[Job]) -> str:
    """Return the jobs and their campaigns as JSON."""
    campaigns = {job.campaign_id: job.campaign for job in jobs}
    return str(serializers.serialize("json", [*campaigns.values(), *jobs], fields=COLUMNS))


def _load_jobs(text: str) -> list[Job]:
    found = [row.object for row in serializers.deserialize("json", text)]
    campaigns = {row.pk: row for row in found if isinstance(row, Campaign)}
    jobs = [row for row in found if isinstance(row, Job)]
    for job in jobs:
        job.campaign = campaigns[job.campaign_id]
    return jobs


def _dump_page(page: Page[Job]) -> dict[str, Any]:
    return {
        "jobs": _dump_jobs(list(page.object_list)),
        "number": page.number,
        "count": page.paginator.count,
        "per_page": page.paginator.per_page,
    }


def _load_page(found: dict[str, Any]) -> Page[Job]:
    return job_page(
        _load_jobs(found["jobs"]), int(found["number"]), int(found["count"]), int(found["per_page"])
    )


def job_page(jobs: list[Job], number: int, count: int, per_page: int) -> Page[Job]:
    """Return a page that holds its rows, and a paginator that only knows how many there are."""
    whole: Paginator[Job] = Paginator([], per_page)
    whole.count = count
    return Page(jobs, number, whole)


TEXTS = Codec(load=lambda found: [str(text) for text in found])
JOBS = Codec(_dump_jobs, _load_jobs)
ONE_JOB = Codec(lambda job: _dump_jobs([job]), lambda text: _load_jobs(text)[0])
PAGE = Codec(_dump_page, _load_page)


def cached(name: str, compute: Any, codec: Codec) -> Any:
    """The value cached under this name, or else what `compute` returns; see VersionedCache."""
    return OPENINGS.get_or_compute(f"{LAYOUT}:{name}", compute, codec)
