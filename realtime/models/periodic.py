"""Tables of periodic tasks: installed schedule entries, their runs, leases and heartbeats."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from realtime.tracking import TrackedQuerySet


class InstalledEntry(models.Model):
    """A schedule entry as the code last installed it.

    Where the schedule differs from it now, an administrator has edited the entry.
    """

    name = models.CharField(max_length=200, primary_key=True)
    values = models.JSONField()

    def __str__(self) -> str:
        return self.name


class ScheduledRun(models.Model):
    """One due time of a schedule entry, and the outcome of its run.

    There is at most one per entry and time, however often the task is sent for that time.
    """

    class State(models.TextChoices):
        DONE = "done", _("Succeeded")
        FAILED = "failed", _("Failed")
        REFUSED = "refused", _("Not sent: the entry is invalid")

    entry = models.CharField(_("entry"), max_length=200)
    task = models.CharField(_("task"), max_length=200)
    scheduled_for = models.DateTimeField(_("due at"))
    started_at = models.DateTimeField(_("started at"), default=timezone.now)
    finished_at = models.DateTimeField(_("finished at"), null=True)
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.DONE)
    message = models.CharField(_("message"), max_length=300, blank=True)

    state_before: str = State.DONE
    """The state as loaded from the database; a change from failed to done has to be published."""

    class Meta:
        ordering = ["-scheduled_for", "-pk"]
        verbose_name = _("scheduled run")
        verbose_name_plural = _("scheduled runs")
        constraints = [
            models.UniqueConstraint(
                fields=["entry", "scheduled_for"], name="one_run_per_entry_and_moment"
            )
        ]
        indexes = [
            models.Index(
                fields=["task", "-scheduled_for"], condition=Q(state="done"), name="runs_done"
            ),
            models.Index(
                fields=["-scheduled_for", "-id"], condition=~Q(state="done"), name="runs_in_trouble"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.entry} {self.scheduled_for.isoformat()}"

    @classmethod
    def from_db(cls, *args: Any, **kwargs: Any) -> Self:
        run = super().from_db(*args, **kwargs)
        run.state_before = run.__dict__.get("state", cls.State.DONE)
        return run

    @property
    def late(self) -> timedelta:
        """How long after its due time the run started."""
        return self.started_at - self.scheduled_for

    def since(self) -> datetime | None:
        """The due time of the last successful run of the same task before this one, or None."""
        done = ScheduledRun.objects.filter(
            task=self.task, state=self.State.DONE, scheduled_for__lt=self.scheduled_for
        )
        earlier = done.exclude(pk=self.pk).order_by("-scheduled_for")
        return earlier.values_list("scheduled_for", flat=True).first()


class Lease(models.Model):
    """A lock with an expiry time, for work that only one process may do at a time.

    Times are those of the database's clock.
    """

    name = models.CharField(max_length=40, primary_key=True)
    holder = models.CharField(max_length=120)
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name}: {self.holder}"


class Heartbeat(models.Model):
    """A running process: when it started, and when it was last seen alive."""

    class Process(models.TextChoices):
        RELAY = "relay", _("Relay")
        BEAT = "beat", _("Beat")
        WORKER = "worker", _("Worker")

    process = models.CharField(_("process"), max_length=8, choices=Process.choices)
    name = models.CharField(_("host and process ID"), max_length=100)
    since = models.DateTimeField(_("since"))
    seen_at = models.DateTimeField(_("last heartbeat"))
    is_alive = models.BooleanField(_("alive"), default=True)
    version = models.PositiveIntegerField(default=1)

    objects = TrackedQuerySet.as_manager()

    class Meta:
        ordering = ["process", "name"]
        verbose_name = _("process")
        verbose_name_plural = _("processes")
        constraints = [
            models.UniqueConstraint(
                fields=["process", "name"], name="one_heartbeat_per_process_and_name"
            )
        ]

    def __str__(self) -> str:
        return f"{self.process} {self.name}"
