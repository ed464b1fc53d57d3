"""Exports of ten thousand candidates by a real worker, and of forty thousand for its memory."""

from __future__ import annotations

import time

from django.contrib.auth.models import User

from jobs.candidates.services import candidates_create, candidates_join
from jobs.exports.queue import export_start
from jobs.imports.limits import MAX_BYTES
from jobs.models import Campaign, Candidate
from tests.load.imports import MORE_ROWS, MOST_GROWTH_SHARE, ROWS, family, until_ended
from tests.load.machine import MEBIBYTE
from tests.load.processes import Ground
from tests.load.rounds import say
from tests.load.table import Line

FORMATS = ("csv", "xlsx")
NUMBERS = "139{:08d}"


def run(ground: Ground) -> list[Line]:
    """Measures both file formats, each with ten and with forty thousand rows."""
    by = User.objects.create(username="bench-export", is_superuser=True)
    few, many = _campaign("few", ROWS), _campaign("many", MORE_ROWS)
    return [_line(ground, by, file_format, few, many) for file_format in FORMATS]


def _campaign(name: str, rows: int) -> Campaign:
    campaign = Campaign.objects.create(slug=f"bench-export-{name}", name=name, city="北京")
    begin = Candidate.objects.count() + MAX_BYTES  # unused mobile numbers
    people = candidates_create(
        people=[
            {"name": "王思远", "mobile": "+86" + NUMBERS.format(begin + at), "school": "北京大学"}
            for at in range(rows)
        ]
    )
    candidates_join(candidates=people, campaign=campaign)
    return campaign


def _line(ground: Ground, by: User, file_format: str, few: Campaign, many: Campaign) -> Line:
    say(f"export: {file_format}")
    rate, before, cpu = _exported(ground, by, file_format, few)
    _rate, after, _cpu = _exported(ground, by, file_format, many)
    return Line(
        what=f"Export of {ROWS} candidates as {file_format}; the memory of {MORE_ROWS}",
        ours=f"{rate:.0f} rows/s; {after / MEBIBYTE:.0f} MiB",
        baseline=f"{ROWS} rows: {before / MEBIBYTE:.0f} MiB",
        ratio=f"× {after / before:.3g}",
        cpu=f"{cpu:.3g}",
        target=f"flat: ≤ {MOST_GROWTH_SHARE:.0%} more",
        met=after <= before * (1 + MOST_GROWTH_SHARE),
    )


def _exported(
    ground: Ground, by: User, file_format: str, campaign: Campaign
) -> tuple[float, float, float]:
    """Returns rows a second, the worker's peak memory in bytes, and its CPU seconds."""
    with ground.worker() as worker:
        cpu, began = family(worker)[0], time.monotonic()
        filters = {"campaign": campaign.slug}
        task = export_start(what="candidates", file_format=file_format, filters=filters, by=by)
        peak = max(until_ended(task, worker))
        seconds = time.monotonic() - began
        assert task.done == campaign.candidates.count(), f"{task.done} rows were written"
        return task.done / seconds, peak, family(worker)[0] - cpu
