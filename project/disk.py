"""Free space where the site stores files: a metric, and a check of /readyz and `doctor`."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.storage import storages
from django.utils.translation import gettext_lazy as _

from monitoring.health.checks import Advice, Check, NotReady, register
from monitoring.metrics.metrics import DISK_FREE_BYTES, DISK_SIZE_BYTES

LOW_SHARE = 0.1  # of the disk; the alert DiskFilling has the same limit
GIBIBYTE = 1 << 30


def places() -> Iterator[tuple[str, Path]]:
    """Yields the name and directory of each place in which files are stored."""
    yield "data", settings.DATA_DIR
    private: Any = storages["private"]
    yield "private", Path(private.location)
    if settings.LOG_DIR is not None:
        yield "logs", settings.LOG_DIR


def usage(directory: Path) -> tuple[int, int]:
    """Returns the free and all bytes of the disk that holds the directory, or will hold it."""
    existing = next(step for step in (directory, *directory.parents) if step.is_dir())
    found = shutil.disk_usage(existing)
    return found.free, found.total


def check() -> str:
    """Returns the free space of the fullest disk, such as "7.2 GiB free (41 %)".

    Raises NotReady below LOW_SHARE.
    """
    free, total, name = min(
        ((*usage(directory), name) for name, directory in places()),
        key=lambda found: found[0] / found[1],
    )
    text = f"{free / GIBIBYTE:.1f} GiB free ({free / total:.0%})"
    if free < LOW_SHARE * total:
        raise NotReady(f"{text} for {name}")
    return text


def register_check() -> None:
    DISK_FREE_BYTES.set_reader(lambda: {(name,): usage(path)[0] for name, path in places()})
    DISK_SIZE_BYTES.set_reader(lambda: {(name,): usage(path)[1] for name, path in places()})
    advice = Advice(
        problem=_("A disk is almost full: uploads, exports and logs will fail."),
        remedy=_("Free space below DATA_DIR or enlarge the disk, before it is full."),
        runbook="DiskFilling",
    )
    register("disk", Check(run=check, advice=advice, is_advisory=True))
