"""Skips invalid schedule entries: logs each one and records it as a refused ScheduledRun."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from celery.schedules import ParseException
from django.db import DatabaseError, InterfaceError
from django.utils.translation import gettext as _
from django_celery_beat.models import PeriodicTask

from realtime.models import ScheduledRun

logger = logging.getLogger(__name__)


class InvalidEntry(Exception):
    """A schedule entry is invalid; the message says why, in words for operations."""


@contextmanager
def record_invalid(model: PeriodicTask) -> Iterator[None]:
    """Records any error that the block raises about this entry, except a lost database."""
    try:
        yield
    except (DatabaseError, InterfaceError):
        raise
    except InvalidEntry as problem:
        _record(model, str(problem))
    except (ParseException, ValueError, RuntimeError) as error:
        text = _("The schedule is invalid: %(schedule)s (%(reason)s).")
        _record(model, text % {"schedule": model.scheduler, "reason": error})
    except Exception as error:
        logger.exception("Unexpected error in a schedule entry")
        text = _("The entry is invalid (%(reason)s).")
        _record(model, text % {"reason": type(error).__name__})


def validate(model: PeriodicTask, app: Any) -> None:
    """Raises InvalidEntry for errors that the library would ignore, or disable the entry for."""
    if model.task not in app.tasks:
        raise InvalidEntry(_("There is no task named %(task)s.") % {"task": model.task})
    if model.scheduler is None:
        raise InvalidEntry(_("The entry has no schedule. Choose an interval or a crontab."))
    for text, kind in ((model.args, list), (model.kwargs, dict), (model.headers, dict)):
        try:
            fits = isinstance(json.loads(text or json.dumps(kind())), kind)
        except ValueError:
            fits = False
        if not fits:
            raise InvalidEntry(_("The arguments are not JSON of the right type: %s") % text[:100])


def _record(model: PeriodicTask, problem: str) -> None:
    """Records and logs the problem once per version of the entry."""
    _run, is_new = ScheduledRun.objects.get_or_create(
        entry=model.name,
        scheduled_for=model.date_changed,
        defaults={
            "task": model.task,
            "state": ScheduledRun.State.REFUSED,
            "message": problem[:300],
        },
    )
    if is_new:
        refused = {"action": "entry_refused", "entry": model.name}
        logger.error("Schedule entry skipped: %s", problem, extra=refused)
