"""Beat's scheduler (CELERY_BEAT_SCHEDULER): sends the due entries of the table that people edit.

Each message carries the due time it was sent for. Any number of beats may run; only the one that
holds the lease sends.
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

from monitoring.health import heartbeat_file
from monitoring.metrics.metrics import BEAT_HOLDS_LEASE, BEAT_SENT
from realtime.background.heartbeats import HeartbeatWriter
from realtime.background.periodic.due import latest_crontab_time, latest_interval_time
from realtime.background.periodic.runs import SCHEDULED_FOR_HEADER
from realtime.background.periodic.validation import record_invalid, validate
from realtime.lease import Lease
from realtime.models import Heartbeat

logger = logging.getLogger(__name__)

RETRY_SECONDS = 2.0  # after the database or the broker was lost


class DueTimeEntry(ModelEntry):
    """An entry whose `last_run_at` is the due time, not the time it was sent.

    So it does not drift, and a beat that takes over continues on the same grid.
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
        """The due time that a message sent now is for."""
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
        """Saves these two columns only, so that concurrent edits in the admin are kept."""
        PeriodicTask.objects.filter(pk=self.model.pk, enabled=True).update(
            last_run_at=self.model.last_run_at, total_run_count=self.model.total_run_count
        )


class LeaderScheduler(DatabaseScheduler):
    """Sends due entries while this process is the leader, the holder of the lease `beat`.

    A sent entry is saved at once, so that the next leader does not send it again. If that fails,
    the duplicate is harmless: `runs` executes each due time once.
    """

    Entry = DueTimeEntry

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._lease = Lease("beat", seconds=settings.BEAT_LEASE_SECONDS)
        self._heartbeat = HeartbeatWriter(Heartbeat.Process.BEAT)
        self._is_leader: bool | None = None
        self._unsent = False
        super().__init__(*args, **kwargs)

    def setup_schedule(self) -> None:
        """Installs nothing: `sync` does that, and keeps what people have edited."""

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """Sends what is due if this process is the leader. Returns seconds until the next call."""
        heartbeat_file.touch()
        try:
            self._heartbeat.beat()
            self._set_leader(self._lease.is_held() or self._lease.acquire())
            if not self._is_leader:
                return float(self._lease.renew_seconds)
            self._unsent = False
            pause = float(super().tick(*args, **kwargs))
        except (OperationalError, InterfaceError):
            logger.warning("The database is unreachable", extra={"action": "beat_lost_database"})
            connection.close()
            return RETRY_SECONDS
        return RETRY_SECONDS if self._unsent else min(pause, self._lease.renew_seconds)

    def _set_leader(self, is_leader: bool) -> None:  # noqa: FBT001 passes on an answer
        """On a change, logs it and reloads the schedule, which may have changed meanwhile."""
        if is_leader is self._is_leader:
            return
        self._is_leader = is_leader
        BEAT_HOLDS_LEASE.set(is_leader)
        self._reload()
        if is_leader:
            logger.info("This beat is the leader", extra={"action": "beat_sends"})
        else:
            logger.info("This beat is on standby", extra={"action": "beat_stands_by"})

    def _reload(self) -> None:
        # Private attributes of the library, which reloads only when its table of changes is new. A
        # standby would take over with the schedule, and the due times, of its own start.
        self._dirty.clear()
        self._initial_read, self._heap = True, None

    def enabled_models_qs(self) -> Any:
        """All enabled entries. The library skips those whose hour is far away, and so would notice
        only the next day what was missed while no beat was running.
        """
        return self.Model.objects.enabled()

    def all_as_schedule(self) -> dict[str, DueTimeEntry]:
        """The valid entries by name. An invalid one is recorded and does not affect the others."""
        entries = {}
        for model in self.enabled_models():
            with record_invalid(model):
                validate(model, self.app)
                entry = self.Entry(model, app=self.app)
                entry.is_due()  # raises for a crontab that never occurs
                entries[model.name] = entry
        return entries

    def apply_entry(self, entry: DueTimeEntry, producer: Any = None) -> None:
        """Sends the entry and saves that at once. An entry that could not be sent stays due."""
        try:
            self.apply_async(entry, producer=producer, advance=False)
        except SchedulingError as error:
            lost = {"action": "entry_unsent", "entry": entry.name}
            logger.warning(
                "Could not send an entry (%s)", type(error.__context__).__name__, extra=lost
            )
            self._reload()
            self._unsent = True
        else:
            BEAT_SENT.inc()
            self.sync()

    def should_sync(self) -> bool:
        """Never save by the clock: that would save an entry that could not be sent."""
        return False

    def close(self) -> None:
        super().close()
        heartbeat_file.remove()
        self._lease.release()
        self._heartbeat.stop()
