"""An import of ten thousand candidates by a real worker: validated, checked for duplicates and
written, with its progress shown.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count

import psutil
import redis
from django.conf import settings

from jobs.candidates.services import candidate_create
from jobs.imports import queue, runs
from jobs.models import Campaign, Candidate
from jobs.models.imports import ImportRun
from realtime.background import progress
from realtime.models import TaskRun
from tests.load.machine import MEBIBYTE, Usage, pinned, web_core
from tests.load.processes import Ground
from tests.load.rounds import alternately, say
from tests.load.table import Line, ratios, spread

ROWS, MORE_ROWS = 10_000, 40_000
REPEATED_EVERY, WRONG_EVERY = 50, 100
ROW_BY_ROW = 300
TARGET = 2000
MOST_GROWTH_SHARE = 0.1  # four times the rows must take about the same memory
LOOK_EVERY_SECONDS = 0.05
DONE_WITHIN_SECONDS = 180.0
ENDED = (TaskRun.State.SUCCEEDED, TaskRun.State.FAILED, TaskRun.State.CANCELLED)
_numbers = count(100)


@dataclass(frozen=True, slots=True)
class Imported:
    """seconds: the check on upload and the worker's task; peak: the worker's greatest memory."""

    rows: int
    seconds: float
    cpu_seconds: float
    peak: int
    ticks: int

    @property
    def a_second(self) -> float:
        return self.rows / self.seconds


def run(ground: Ground) -> list[Line]:
    """Compares a whole import with creating candidates one by one."""
    campaign = Campaign.objects.create(slug="bench-import", name="Bench import", city="北京")
    ours, single = alternately(
        "import", lambda: _imported(ground, campaign, ROWS), lambda: _row_by_row(campaign)
    )
    say(f"import: {MORE_ROWS} rows, for the memory")
    more = _imported(ground, campaign, MORE_ROWS)
    return [_rate_line(ours, single), _memory_line(ours, more)]


def _file(rows: int) -> tuple[bytes, int, int]:
    """Returns a file with some repeated and some invalid rows, and the number of each."""
    series = next(_numbers)
    lines, repeated, wrong = ["姓名,手机,邮箱,城市,学校"], 0, 0
    for at in range(rows):
        if at % WRONG_EVERY == WRONG_EVERY - 1:
            mobile, wrong = "12", wrong + 1
        elif at % REPEATED_EVERY == REPEATED_EVERY - 1:
            mobile, repeated = _mobile(series, at - 1), repeated + 1
        else:
            mobile = _mobile(series, at)
        lines.append(f"王思远,{mobile},,北京,北京大学")
    return "\n".join(lines).encode(), repeated, wrong


def _mobile(series: int, at: int) -> str:
    """Returns an unused Chinese mobile number."""
    return f"139{series % 1000:03d}{at:05d}"


def _imported(ground: Ground, campaign: Campaign, rows: int) -> Imported:
    content, repeated, wrong = _file(rows)
    with ground.worker() as worker, _ticks() as ticks:
        before, began = family(worker)[0], time.monotonic()
        run = runs.import_run_create(
            content=content, file_name="people.csv", campaign=campaign, owner=None
        )
        task = queue.import_run_start(run=run, rows=ImportRun.Rows.VALID, by=None)
        peak = max(until_ended(task, worker))
        seconds = time.monotonic() - began
        cpu_seconds = family(worker)[0] - before
        told = sum(1 for _ in iter(lambda: ticks.get_message(timeout=0.01), None))
    run.refresh_from_db()
    found = (run.state, run.new, run.repeated, run.bad)
    wanted = (ImportRun.State.APPLIED, rows - repeated - wrong, repeated, wrong)
    assert found == wanted, f"the import ended as {found}, not as {wanted}"
    assert told, "no progress was shown"
    return Imported(rows, seconds, cpu_seconds, peak, told)


@contextmanager
def _ticks() -> Iterator[redis.client.PubSub]:
    """Subscribes to the progress that people are shown."""
    with redis.Redis.from_url(settings.REDIS_URL) as client, client.pubsub() as channel:
        channel.subscribe(progress.channel())
        channel.get_message(timeout=5)  # the confirmation
        yield channel


def until_ended(task: TaskRun, worker: int) -> Iterator[int]:
    """Yields the worker's memory repeatedly until the task has ended."""
    deadline = time.monotonic() + DONE_WITHIN_SECONDS
    while True:
        yield family(worker)[1]
        task.refresh_from_db()
        if task.state in ENDED:
            break
        assert time.monotonic() < deadline, f"the import is still {task.state}"
        time.sleep(LOOK_EVERY_SECONDS)
    assert task.state == TaskRun.State.SUCCEEDED, f"the import {task.state}: {task.message}"


def family(worker: int) -> tuple[float, int]:
    """Returns the CPU seconds of a worker with its children, and the largest one's memory."""
    family = [worker, *(child.pid for child in psutil.Process(worker).children(recursive=True))]
    usages = [Usage.of(pid) for pid in family]
    return sum(one.cpu_seconds for one in usages), max(one.memory_bytes for one in usages)


def _row_by_row(campaign: Campaign) -> Imported:
    """Creates the same candidates one by one: validated, compared, written."""
    series = next(_numbers)
    with pinned(web_core()):
        began, cpu = time.monotonic(), time.process_time()
        for at in range(ROW_BY_ROW):
            candidate_create(
                campaign=campaign,
                name="王思远",
                mobile=_mobile(series, at),
                city="北京",
                school="北京大学",
            )
        seconds, cpu_seconds = time.monotonic() - began, time.process_time() - cpu
    wanted = Candidate.objects.filter(mobile__startswith="+86" + _mobile(series, 0)[:6]).count()
    assert wanted == ROW_BY_ROW, f"{wanted} people were written"
    return Imported(ROW_BY_ROW, seconds, cpu_seconds, 0, 0)


def _rate_line(ours: list[Imported], single: list[Imported]) -> Line:
    rates = [one.a_second for one in ours]
    return Line(
        what=f"Import of {ROWS} candidates: checked, duplicates found, written by a worker",
        ours=f"{spread(rates, 'rows/s')}, {min(one.ticks for one in ours)} or more ticks shown",
        baseline="one after the other: " + spread([one.a_second for one in single], "rows/s"),
        ratio="× " + spread(ratios(rates, [one.a_second for one in single])),
        cpu=spread([one.cpu_seconds for one in ours]),
        memory=f"{max(one.peak for one in ours) / MEBIBYTE:.0f} MiB",
        target=f"≥ {TARGET} rows/s",
        met=statistics.median(rates) >= TARGET,
    )


def _memory_line(ours: list[Imported], more: Imported) -> Line:
    before = statistics.median([one.peak for one in ours])
    grown = (more.peak - before) / before
    return Line(
        what=f"… {MORE_ROWS} rows: the worker's greatest memory",
        ours=f"{more.peak / MEBIBYTE:.0f} MiB, {more.ticks} ticks shown",
        baseline=f"{ROWS} rows: {before / MEBIBYTE:.0f} MiB",
        ratio=f"× {more.peak / before:.3g}",
        cpu=spread([more.cpu_seconds]),
        target=f"flat: ≤ {MOST_GROWTH_SHARE:.0%} more",
        met=grown <= MOST_GROWTH_SHARE,
    )
