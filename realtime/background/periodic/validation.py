"""An entry that cannot be read: said in the log and in the record, in words, and passed over."""

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
    """An entry of the schedule cannot be read; the message says what is wrong with it."""


@contextmanager
def record_invalid(model: PeriodicTask) -> Iterator[None]:
    """Within, whatever is wrong with this one entry is recorded and goes no further."""
    try:
        yield
    except (DatabaseError, InterfaceError):
        raise
    except InvalidEntry as problem:
        _record(model, str(problem))
    except (ParseException, ValueError, RuntimeError) as error:
        text = _("Its time cannot be read: %(schedule)s (%(reason)s).")
        _record(model, text % {"schedule": model.scheduler, "reason": error})
    except Exception as error:
        logger.exception("An entry of the schedule is broken")
        _record(model, _("It cannot be read (%(reason)s).") % {"reason": type(error).__name__})


def validate(model: PeriodicTask, app: Any) -> None:
    """Raises InvalidEntry for what the library would send all the same, or put out of use."""
    if model.task not in app.tasks:
        raise InvalidEntry(_("There is no task named %(task)s.") % {"task": model.task})
    if model.scheduler is None:
        raise InvalidEntry(_("It has no time."))
    for text, kind in ((model.args, list), (model.kwargs, dict), (model.headers, dict)):
        try:
            fits = isinstance(json.loads(text or json.dumps(kind())), kind)
        except ValueError:
            fits = False
        if not fits:
            raise InvalidEntry(_("Its arguments are not JSON of the right kind: %s") % text[:100])


def _record(model: PeriodicTask, problem: str) -> None:
    """Once for each state the entry was left in."""
    _run, is_news = ScheduledRun.objects.get_or_create(
        entry=model.name,
        scheduled_for=model.date_changed,
        defaults={
            "task": model.task,
            "state": ScheduledRun.State.REFUSED,
            "message": problem[:300],
        },
    )
    if is_news:
        refused = {"action": "entry_refused", "entry": model.name}
        logger.error("An entry of the schedule is left out: %s", problem, extra=refused)
