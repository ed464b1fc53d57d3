"""The changes log: which key of which live list changed at which position. Plus the runs of
background work.
"""

from __future__ import annotations

import uuid

from django.conf import settings
from django.core.validators import ProhibitNullCharactersValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from realtime.log.tracking import TrackedQuerySet


def new_epoch() -> str:
    return uuid.uuid4().hex


class TopicHead(models.Model):
    """How far a topic's numbering has come. `epoch` names this incarnation of the numbers."""

    topic = models.CharField(max_length=100, primary_key=True)
    epoch = models.CharField(max_length=32, default=new_epoch)
    position = models.BigIntegerField(default=0)
    kept_from = models.BigIntegerField(default=1, help_text="First position still in the log.")

    def __str__(self) -> str:
        return f"{self.topic}@{self.position}"


class Change(models.Model):
    """A marker: this key of this topic changed. No payload; the row is rendered when it is sent.

    `position` is empty until the relay gives it, in commit order as the relay sees it: ids taken
    before commit may appear out of order and leave holes, positions may not.
    """

    topic = models.CharField(max_length=100)
    key = models.CharField(max_length=80)
    position = models.BigIntegerField(null=True)
    recorded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["topic", "position"], name="a_position_names_one_change"
            )
        ]
        indexes = [
            models.Index(fields=["id"], condition=Q(position=None), name="changes_pending"),
        ]

    def __str__(self) -> str:
        return f"{self.topic} {self.position}: {self.key}"


def unguessable_path(run: TaskRun, file_name: str) -> str:
    """Results are served by a view that asks who wants them; the name tells nothing."""
    return f"results/{uuid.uuid4().hex}"


class TaskRun(models.Model):
    """One piece of background work that people can watch."""

    class State(models.TextChoices):
        QUEUED = "queued", _("Queued")
        RUNNING = "running", _("Running")
        SUCCEEDED = "succeeded", _("Succeeded")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(
        _("kind"), max_length=60, help_text=_("What kind of work, from a closed set.")
    )
    title = models.CharField(pgettext_lazy("task", "title"), max_length=160)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.QUEUED)
    done = models.PositiveIntegerField(_("steps done"), default=0)
    total = models.PositiveIntegerField(_("steps in all"), default=0)
    message = models.CharField(_("message"), max_length=300, blank=True)
    errors = models.PositiveIntegerField(_("problems"), default=0)
    result_url = models.CharField(_("result"), max_length=200, blank=True)
    result_file = models.FileField(
        _("result file"), upload_to=unguessable_path, max_length=100, blank=True
    )
    result_name = models.CharField(_("name of the result file"), max_length=120, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        related_name="task_runs",
        verbose_name=_("started by"),
    )
    can_cancel = models.BooleanField(_("can be cancelled"), default=False)
    cancel_requested_at = models.DateTimeField(_("asked to cancel at"), null=True, blank=True)
    task = models.CharField(
        _("task"), max_length=120, blank=True, help_text=_("Its name for Celery; empty: none.")
    )
    arguments = models.JSONField(_("arguments"), default=list, blank=True)
    queue = models.CharField(_("queue"), max_length=20, blank=True)
    language = models.CharField(
        _("language"), max_length=10, blank=True, help_text=_("Of the words it shows.")
    )
    idempotency_key = models.CharField(_("idempotency key"), max_length=200, blank=True)
    deliveries = models.PositiveSmallIntegerField(
        _("deliveries"), default=0, help_text=_("How often a worker took it up.")
    )
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    version = models.PositiveIntegerField(_("version"), default=1)
    created_at = models.DateTimeField(_("made at"), auto_now_add=True)
    started_at = models.DateTimeField(_("started at"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)

    objects = TrackedQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name = _("task run")
        verbose_name_plural = _("task runs")
        constraints = [
            models.UniqueConstraint(
                fields=["idempotency_key"],
                condition=~Q(idempotency_key=""),
                name="a_key_names_one_run",
            )
        ]
        indexes = [
            models.Index(
                fields=["sent_at"],
                condition=Q(state__in=["queued", "running"]),
                name="runs_under_way",
            )
        ]

    def __str__(self) -> str:
        return self.title


class KeptAnswer(models.Model):
    """What a request with an `Idempotency-Key` was answered; without a status it still works."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64, help_text="SHA-256 of what was asked.")
    claim = models.UUIDField(default=uuid.uuid4, help_text="Of the request that may answer.")
    claimed_at = models.DateTimeField(db_index=True)
    status = models.PositiveSmallIntegerField(null=True)
    body = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "key"], name="a_key_names_one_request")
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.key}: {self.status}"


class ApiToken(models.Model):
    """What a person's own program may ask the API with; the key itself is kept nowhere."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="api_tokens", verbose_name=_("user")
    )
    name = models.CharField(
        _("name"), max_length=60, validators=[ProhibitNullCharactersValidator()]
    )
    digest = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the key.")
    made_at = models.DateTimeField(_("made at"), auto_now_add=True)
    last_used_at = models.DateTimeField(_("last used at"), null=True, blank=True)

    class Meta:
        ordering = ["-made_at", "-pk"]
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")

    def __str__(self) -> str:
        return self.name


# The tables of periodic work live with it; Django finds an app's models from here.
from realtime.background.periodic.models import Heartbeat as Heartbeat  # noqa: E402
from realtime.background.periodic.models import InstalledEntry as InstalledEntry  # noqa: E402
from realtime.background.periodic.models import Lease as Lease  # noqa: E402
from realtime.background.periodic.models import ScheduledRun as ScheduledRun  # noqa: E402
