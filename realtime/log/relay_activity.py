"""Whether a relay numbers changes: written by the relay each second, read by every hub.

A change that has not been numbered reaches no board. So a hub that finds neither new activity nor
an empty backlog tells its readers that what they see may be old.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Subquery
from django.db.models.functions import Now

from realtime.models import Change, NumberedDatabase

ACTIVITY_SECONDS = 1.0
STALLED_SECONDS = 5.0  # without activity or with a backlog; boards tell within ten seconds
MAX_BACKLOG_SECONDS = 2.0  # a healthy relay numbers within milliseconds


@dataclass(frozen=True, slots=True)
class RelayActivity:
    """The last sign of a relay, and the backlog, by the clock of the database.

    numbered_at      when a relay last numbered all changes that it could claim; None if that was a
                     relay of an earlier version, which does not say it
    seconds          how long ago that was; 0 if it is not known
    backlog_seconds  the age of the oldest change without a position; 0 if there is none
    """

    numbered_at: datetime | None
    seconds: float
    backlog_seconds: float


def record_activity() -> bool:
    """Note that a relay has just numbered changes. Returns False if no database is recorded."""
    return NumberedDatabase.objects.filter(pk=1).update(numbered_at=Now()) == 1


def read_activity() -> RelayActivity | None:
    """Returns the state of the relays, in one query; None if no relay has ever run."""
    oldest = Change.objects.filter(position=None).order_by("id").values("recorded_at")[:1]
    found = (
        NumberedDatabase.objects.filter(pk=1)
        .annotate(now=Now(), oldest=Subquery(oldest))
        .values_list("numbered_at", "now", "oldest")
        .first()
    )
    if found is None:
        return None
    numbered_at, now, oldest_at = found
    return RelayActivity(numbered_at, _seconds(numbered_at, now), _seconds(oldest_at, now))


def _seconds(moment: datetime | None, now: datetime) -> float:
    return 0.0 if moment is None else max((now - moment).total_seconds(), 0.0)
