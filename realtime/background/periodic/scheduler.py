"""Beat's scheduler: reads the table that people edit, sends what is due with the moment it was due
for, and only while it holds the lease.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any

from celery.beat import SchedulingError
from celery.schedules import crontab, schedstate, schedule
from django.conf import settings
from django.db import InterfaceError, OperationalError, connection
from django.utils import timezone
from django_celery_beat.models import PeriodicTask
from django_celery_beat.schedulers import DatabaseScheduler, ModelEntry

from monitoring.metrics.metrics import BEAT_HOLDS_LEASE, BEAT_SENT
from realtime.background.heartbeats import HeartbeatWriter
from realtime.background.periodic.due import latest_crontab_time, latest_interval_time
from realtime.background.periodic.leader import LeaderLease
from realtime.background.periodic.runs import SCHEDULED_FOR_HEADER
from realtime.background.periodic.validation import record_invalid, validate
from realtime.models import Heartbeat

logger = logging.getLogger(__name__)

RETRY_SECONDS = 2.0  # after a server was lost


class DueTimeEntry(ModelEntry):
    """An entry whose last run is the moment it was due for, not the one it was sent at.

    So it does not drift, and whoever takes over goes on from the same grid.
    """

    schedule: Any

    def is_due(self) -> schedstate:
        state: schedstate = super().is_due()
        if state.is_due and isinstance(self.schedule, schedule):
            passed = timezone.now() - self.moment()
            left = self._every() - passed
            return schedstate(is_due=True, next=left.total_seconds())
        return state

    def moment(self) -> datetime:
        now = timezone.now()
        if isinstance(self.schedule, crontab):
            return latest_crontab_time(self.schedule, self.last_run_at, now)
        if isinstance(self.schedule, schedule):
            return latest_interval_time(self._every(), now)
        return now

    def _every(self) -> timedelta:
        every: timedelta = self.schedule.run_every
        return every

    def __next__(self) -> DueTimeEntry:
        moment = self.moment()
        self.options["headers"][SCHEDULED_FOR_HEADER] = moment.isoformat()
        self.model.last_run_at = moment
        self.model.total_run_count += 1
        return self.__class__(self.model, app=self.app)

    def save(self) -> None:
        """These two columns: what a person has edited meanwhile is not written over."""
        PeriodicTask.objects.filter(pk=self.model.pk, enabled=True).update(
            last_run_at=self.model.last_run_at, total_run_count=self.model.total_run_count
        )


class LeaderScheduler(DatabaseScheduler):
    """Any number may run; the one with the lease sends. A sent entry is noted at once, so that who
    takes over does not send it again; if he does, its moment was carried out already.
    """

    Entry = DueTimeEntry

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._lease = LeaderLease("beat", seconds=settings.BEAT_LEASE_SECONDS)
        self._heartbeat = HeartbeatWriter(Heartbeat.Process.BEAT)
        self._is_leader: bool | None = None
        self._unsent = False
        super().__init__(*args, **kwargs)

    def setup_schedule(self) -> None:
        """Nothing is installed here: `sync` does that, with respect for what people edit."""

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """Send what is due, or stand by; seconds until the next look."""
        try:
            self._heartbeat.beat()
            self._set_leader(self._lease.is_held())
            if not self._is_leader:
                return float(self._lease.renew_seconds)
            self._unsent = False
            pause = float(super().tick(*args, **kwargs))
        except (OperationalError, InterfaceError):
            logger.warning("Beat lost the database", extra={"action": "beat_lost_database"})
            connection.close()
            return RETRY_SECONDS
        return RETRY_SECONDS if self._unsent else min(pause, self._lease.renew_seconds)

    def _set_leader(self, sends: bool) -> None:  # noqa: FBT001 an answer, passed on
        """On a change: say so, and forget what was known; the table may be another by now."""
        if sends is self._is_leader:
            return
        self._is_leader = sends
        BEAT_HOLDS_LEASE.set(sends)
        self._reload()
        action = "beat_sends" if sends else "beat_stands_by"
        what = "sends what is due" if sends else "stands by while another sends"
        logger.info("This beat %s", what, extra={"action": action})

    def _reload(self) -> None:
        self._dirty.clear()
        self._initial_read, self._heap = True, None

    def enabled_models_qs(self) -> Any:
        """All of them. The library leaves out those whose hour is far, and so does not notice until
        the next day what was missed while no beat was running.
        """
        return self.Model.objects.enabled()

    def all_as_schedule(self) -> dict[str, DueTimeEntry]:
        """The entries that can be read; one that cannot hinders no other."""
        entries = {}
        for model in self.enabled_models():
            with record_invalid(model):
                validate(model, self.app)
                entry = self.Entry(model, app=self.app)
                entry.is_due()  # finds a crontab whose day never comes
                entries[model.name] = entry
        return entries

    def apply_entry(self, entry: DueTimeEntry, producer: Any = None) -> None:
        """Send it and note that at once. What could not be sent stays due."""
        try:
            self.apply_async(entry, producer=producer, advance=False)
        except SchedulingError as error:
            lost = {"action": "entry_unsent", "entry": entry.name}
            logger.warning(
                "An entry was not sent (%s)", type(error.__context__).__name__, extra=lost
            )
            self._reload()
            self._unsent = True
        else:
            BEAT_SENT.inc()
            self.sync()

    def should_sync(self) -> bool:
        """Never by the clock: that would note an entry that could not be sent."""
        return False

    def close(self) -> None:
        super().close()
        self._lease.release()
        self._heartbeat.stop()
